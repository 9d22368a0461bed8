/* A disk that fails as it is told: put before the C library by LD_PRELOAD.

   $DISK_FOLDER   whose files it concerns
   $DISK_SWITCH   a file with three words: which calls ("write", "sync", "read"),
                  the first of them that fails, counted from when the words were written,
                  and "once", "ever" or "hang"; without the file the disk is sound           */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char told[64];
static long counted;

static int concerns(int fd)
{
	char link[64], path[4096];
	const char *folder = getenv("DISK_FOLDER");
	ssize_t length;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof path - 1);
	if (!folder || length < 0)
		return 0;
	path[length] = 0;
	return !strncmp(path, folder, strlen(folder));
}

static int words(char *now, size_t size)
{
	const char *path = getenv("DISK_SWITCH");
	FILE *file = path ? fopen(path, "r") : NULL;
	int found = file && fgets(now, (int)size, file);

	if (file)
		fclose(file);
	return found;
}

/* Tells whether this call fails, after having hung where it must. */
static int fails(int fd, const char *call)
{
	char now[sizeof told], which[16], how[16];
	long first;
	int saved = errno, failing;

	if (!concerns(fd) || !words(now, sizeof now) ||
	    sscanf(now, "%15s %ld %15s", which, &first, how) != 3 || strcmp(which, call)) {
		errno = saved;
		return 0;
	}
	if (strcmp(now, told)) {
		strcpy(told, now);
		counted = 0;
	}
	counted++;
	failing = !strcmp(how, "once") ? counted == first : counted >= first;
	while (failing && !strcmp(how, "hang") && words(now, sizeof now))
		usleep(20000);
	errno = failing ? EIO : saved;
	return failing && strcmp(how, "hang");
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FAILING(kind, type, name, parameters, ...)                 \
	type name parameters                                       \
	{                                                          \
		return fails(fd, kind) ? -1 : REAL(name)(__VA_ARGS__); \
	}

FAILING("write", ssize_t, write, (int fd, const void *from, size_t size), fd, from, size)
FAILING("write", ssize_t, pwrite, (int fd, const void *from, size_t size, off_t at), fd, from, size, at)
FAILING("write", ssize_t, pwrite64, (int fd, const void *from, size_t size, off64_t at), fd, from, size, at)
FAILING("write", int, ftruncate, (int fd, off_t size), fd, size)
FAILING("write", int, ftruncate64, (int fd, off64_t size), fd, size)
FAILING("sync", int, fsync, (int fd), fd)
FAILING("sync", int, fdatasync, (int fd), fd)
FAILING("read", ssize_t, pread, (int fd, void *to, size_t size, off_t at), fd, to, size, at)
FAILING("read", ssize_t, pread64, (int fd, void *to, size_t size, off64_t at), fd, to, size, at)
