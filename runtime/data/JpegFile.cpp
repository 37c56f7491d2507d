#include "data/JpegFile.h"

// jpeglib.h takes size_t and FILE for granted.
#include <cstddef>
#include <cstdio>

#include <jpeglib.h>

#include <jerror.h>

#include <csetjmp>
#include <new>

namespace nncc::data {

// libjpeg reports errors through a function that may not return, hence the jump. Between
// setjmp and longjmp nothing is alive that has a destructor.
struct JpegDecoder::State {
  jpeg_error_mgr errors;
  jpeg_decompress_struct image;
  std::jmp_buf escape;
  ImageResult result;

  [[noreturn]] static void fail(j_common_ptr image) {
    auto *state = static_cast<State *>(image->client_data);
    char text[JMSG_LENGTH_MAX];
    image->err->format_message(image, text);
    std::snprintf(state->result.message, sizeof state->result.message, "%s", text);
    std::longjmp(state->escape, 1);
  }

  // Level -1 is a warning. Those that say that pixels are lost, where libjpeg would make some
  // up, are errors here; the others (stray bytes between segments, odd Adobe marks) leave the
  // pixels whole.
  static void message(j_common_ptr image, int level) {
    if (level >= 0) return;
    switch (image->err->msg_code) {
      case JWRN_ARITH_BAD_CODE:
      case JWRN_HIT_MARKER:
      case JWRN_HUFF_BAD_CODE:
      case JWRN_JPEG_EOF:
      case JWRN_MUST_RESYNC:
      case JWRN_NOT_SEQUENTIAL:
        fail(image);
    }
  }

  void decode(std::span<const std::byte> file, ImageSize size, std::byte *to) {
    jpeg_mem_src(&image, reinterpret_cast<const unsigned char *>(file.data()), file.size());
    jpeg_read_header(&image, TRUE);
    if (image.image_height != static_cast<JDIMENSION>(size.height) ||
        image.image_width != static_cast<JDIMENSION>(size.width)) {
      result.outcome = ImageResult::OtherSize;
      result.height = image.image_height;
      result.width = image.image_width;
      jpeg_abort_decompress(&image);
      return;
    }
    if (image.num_components == 4) {
      std::snprintf(result.message, sizeof result.message,
                    "its colours are CMYK, expected RGB or grey");
      jpeg_abort_decompress(&image);
      return;
    }
    image.out_color_space = size.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(&image);
    auto *row = reinterpret_cast<JSAMPLE *>(to);
    while (image.output_scanline < image.output_height) {
      jpeg_read_scanlines(&image, &row, 1);
      row += static_cast<size_t>(size.width) * size.channels;
    }
    jpeg_finish_decompress(&image);
    result.outcome = ImageResult::Decoded;
  }
};

JpegDecoder::JpegDecoder() : state(new State) {
  state->image.err = jpeg_std_error(&state->errors);
  state->image.client_data = state.get();
  state->errors.error_exit = State::fail;
  state->errors.emit_message = State::message;
  if (setjmp(state->escape)) throw std::bad_alloc();
  jpeg_create_decompress(&state->image);
}

JpegDecoder::~JpegDecoder() { jpeg_destroy_decompress(&state->image); }

ImageResult JpegDecoder::decode(std::span<const std::byte> file, ImageSize size, std::byte *to) {
  state->result = {};
  if (setjmp(state->escape))
    jpeg_abort_decompress(&state->image);
  else
    state->decode(file, size, to);
  return state->result;
}

}  // namespace nncc::data
