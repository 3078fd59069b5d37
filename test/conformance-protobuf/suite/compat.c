// What glibc 2.38 and libstdc++ 13 have and older systems do not, for a program that was built with those: the C23 forms
// of strtol and its kin differ only in that they read "0b", which the suite has no use for.
#include <stdlib.h>

long __isoc23_strtol(const char *text, char **end, int base) { return strtol(text, end, base); }
unsigned long __isoc23_strtoul(const char *text, char **end, int base) { return strtoul(text, end, base); }
long long __isoc23_strtoll(const char *text, char **end, int base) { return strtoll(text, end, base); }
unsigned long long __isoc23_strtoull(const char *text, char **end, int base) { return strtoull(text, end, base); }

// std::ios_base_library_init(): older libraries set up the streams by themselves.
void _ZSt21ios_base_library_initv(void) {}
