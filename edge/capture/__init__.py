"""Cameras and what stands in for them: one thin file for each kind.

Owns frames, the newest-wins slot and the camera's health. Knows nothing of faces or verdicts.
"""
