"""Machines inside this one: what a unit is installed on, cut off from power, and emulated on."""
