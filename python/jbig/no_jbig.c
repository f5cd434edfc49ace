/* libjbig.so.0 of the Python wheel (tools/wheel.sh), without JBIG.
 *
 * The distribution's libtiff needs a libjbig, which is under the GPL and so cannot be in a wheel
 * that is under the Apache license. These are the functions that libtiff calls. A TIFF that is
 * compressed with JBIG (of faxes; two colors) is a damaged picture to libtiff, and the reason says
 * why. */
#include <stddef.h>

enum { not_here = 1 }; /* everything but 0 is an error to libtiff */

void jbg_dec_init(void* decoder) {
  (void)decoder;
}
void jbg_dec_free(void* decoder) {
  (void)decoder;
}
int jbg_newlen(unsigned char* bytes, size_t size) {
  (void)bytes, (void)size;
  return not_here;
}
int jbg_dec_in(void* decoder, unsigned char* bytes, size_t size, size_t* read) {
  (void)decoder, (void)bytes, (void)size;
  if (read) *read = 0;
  return not_here;
}
unsigned long jbg_dec_getsize(const void* decoder) {
  (void)decoder;
  return 0;
}
unsigned char* jbg_dec_getimage(const void* decoder, int plane) {
  (void)decoder, (void)plane;
  return NULL;
}
const char* jbg_strerror(int number) {
  (void)number;
  return "JBIG is not part of nolabel's wheel";
}

/* nolabel writes no TIFF. What libtiff would write here has no bytes. */
void jbg_enc_init(void* encoder, unsigned long width, unsigned long height, int planes,
                  unsigned char** pixels,
                  void (*write)(unsigned char* bytes, size_t size, void* file), void* file) {
  (void)encoder, (void)width, (void)height, (void)planes, (void)pixels, (void)write, (void)file;
}
void jbg_enc_out(void* encoder) {
  (void)encoder;
}
void jbg_enc_free(void* encoder) {
  (void)encoder;
}
