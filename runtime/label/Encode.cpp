#include "label/Encode.h"

// jpeglib.h takes size_t and FILE for granted.
#include <jpeglib.h>
#include <png.h>

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <new>

namespace nncc::label {

std::string encodePng(const std::byte *pixels, data::ImageSize size) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(size.width);
  image.height = static_cast<png_uint_32>(size.height);
  image.format = PNG_FORMAT_RGB;
  image.flags = PNG_IMAGE_FLAG_FAST;
  png_alloc_size_t bytes = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string encoded(bytes, '\0');
  if (!png_image_write_to_memory(&image, encoded.data(), &bytes, 0, pixels, 0, nullptr)) throw std::bad_alloc();
  encoded.resize(bytes);
  return encoded;
}

namespace {

// libjpeg reports errors through a function that may not return, hence the jump. Between setjmp and
// longjmp nothing is alive that has a destructor.
struct JpegEncoder {
  jpeg_error_mgr errors;
  jpeg_compress_struct image;
  std::jmp_buf escape;
  unsigned char *bytes = nullptr;
  unsigned long size = 0;

  [[noreturn]] static void fail(j_common_ptr image) {
    std::longjmp(static_cast<JpegEncoder *>(image->client_data)->escape, 1);
  }
  static void ignore(j_common_ptr) {}

  bool encode(const std::byte *pixels, data::ImageSize from) {
    image.err = jpeg_std_error(&errors);
    image.client_data = this;
    errors.error_exit = fail;
    errors.output_message = ignore;
    if (setjmp(escape)) return false;
    jpeg_create_compress(&image);
    jpeg_mem_dest(&image, &bytes, &size);
    image.image_width = static_cast<JDIMENSION>(from.width);
    image.image_height = static_cast<JDIMENSION>(from.height);
    image.input_components = 3;
    image.in_color_space = JCS_RGB;
    jpeg_set_defaults(&image);
    jpeg_set_quality(&image, 92, TRUE);
    image.comp_info[0].h_samp_factor = image.comp_info[0].v_samp_factor = 1;
    jpeg_start_compress(&image, TRUE);
    while (image.next_scanline < image.image_height) {
      auto *row = reinterpret_cast<JSAMPLE *>(
          const_cast<std::byte *>(pixels + static_cast<size_t>(image.next_scanline) * from.width * 3));
      jpeg_write_scanlines(&image, &row, 1);
    }
    jpeg_finish_compress(&image);
    return true;
  }

  ~JpegEncoder() {
    jpeg_destroy_compress(&image);
    std::free(bytes);
  }
};

}  // namespace

std::string encodeJpeg(const std::byte *pixels, data::ImageSize size) {
  JpegEncoder encoder{};
  if (!encoder.encode(pixels, size)) throw std::bad_alloc();
  return std::string(reinterpret_cast<const char *>(encoder.bytes), encoder.size);
}

}  // namespace nncc::label
