#include "data/PngFile.h"

#include <png.h>

#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <vector>

namespace nncc::data {

// libpng reports errors through a function that may not return, hence the jump. Between
// setjmp and longjmp no local is alive that has a destructor; the vectors are members and
// grow before.
struct PngDecoder::State {
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::jmp_buf escape;
  ImageResult result;
  std::span<const std::byte> rest;  // of the file
  std::vector<png_bytep> rows;
  std::vector<std::byte> colours;  // an RGB image on its way to grey

  [[noreturn]] static void fail(png_structp png, png_const_charp text) {
    auto *state = static_cast<State *>(png_get_error_ptr(png));
    std::snprintf(state->result.message, sizeof state->result.message, "%s", text);
    std::longjmp(state->escape, 1);
  }

  // Warnings concern what is beside the pixels: colour profiles, texts, times.
  static void ignore(png_structp, png_const_charp) {}

  static void read(png_structp png, png_bytep to, size_t bytes) {
    auto *state = static_cast<State *>(png_get_io_ptr(png));
    if (bytes > state->rest.size()) fail(png, "the file ends too soon");
    std::memcpy(to, state->rest.data(), bytes);
    state->rest = state->rest.subspan(bytes);
  }

  void decode(ImageSize size, std::byte *to) {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, fail, ignore);
    if (png) info = png_create_info_struct(png);
    if (!info) {
      std::snprintf(result.message, sizeof result.message, "not enough memory");
      return;
    }
    png_set_read_fn(png, this, read);
    png_read_info(png, info);
    if (png_get_image_height(png, info) != static_cast<png_uint_32>(size.height) ||
        png_get_image_width(png, info) != static_cast<png_uint_32>(size.width)) {
      result.outcome = ImageResult::OtherSize;
      result.height = png_get_image_height(png, info);
      result.width = png_get_image_width(png, info);
      return;
    }
    bool coloured = png_get_color_type(png, info) & PNG_COLOR_MASK_COLOR;
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_strip_alpha(png);
    if (size.channels == 3) png_set_gray_to_rgb(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);

    bool toGrey = size.channels == 1 && coloured;
    size_t rowBytes = static_cast<size_t>(size.width) * (toGrey ? 3 : size.channels);
    if (png_get_rowbytes(png, info) != rowBytes) fail(png, "unexpected layout of its rows");
    std::byte *row = toGrey ? colours.data() : to;
    for (png_bytep &pointer : rows) {
      pointer = reinterpret_cast<png_bytep>(row);
      row += rowBytes;
    }
    png_read_image(png, rows.data());
    png_read_end(png, nullptr);
    if (toGrey) {
      auto *rgb = reinterpret_cast<const png_byte *>(colours.data());
      size_t pixels = static_cast<size_t>(size.height) * size.width;
      for (size_t i = 0; i < pixels; ++i, rgb += 3)
        to[i] = std::byte((rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 0x8000) >> 16);
    }
    result.outcome = ImageResult::Decoded;
  }
};

PngDecoder::PngDecoder() : state(new State) {}
PngDecoder::~PngDecoder() = default;

ImageResult PngDecoder::decode(std::span<const std::byte> file, ImageSize size, std::byte *to) {
  state->result = {};
  state->rest = file;
  state->rows.resize(size.height);
  if (size.channels == 1)
    state->colours.resize(static_cast<size_t>(size.height) * size.width * 3);
  if (!setjmp(state->escape)) state->decode(size, to);
  png_destroy_read_struct(&state->png, &state->info, nullptr);
  return state->result;
}

}  // namespace nncc::data
