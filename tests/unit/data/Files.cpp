#include "Files.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <jpeglib.h>
#include <png.h>

#include "error.h"

std::string jpegFile(int height, int width, int channels, const Bytes &pixels, int quality,
                     bool progressive) {
  jpeg_compress_struct image;
  jpeg_error_mgr errors;
  image.err = jpeg_std_error(&errors);  // exits on an error: a bug of the test
  jpeg_create_compress(&image);
  unsigned char *memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&image, &memory, &size);
  image.image_height = height;
  image.image_width = width;
  image.input_components = channels;
  image.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&image);
  jpeg_set_quality(&image, quality, TRUE);
  if (progressive) jpeg_simple_progression(&image);
  jpeg_start_compress(&image, TRUE);
  while (image.next_scanline < image.image_height) {
    auto *row = const_cast<JSAMPLE *>(pixels.data()) +
                static_cast<size_t>(image.next_scanline) * width * channels;
    jpeg_write_scanlines(&image, &row, 1);
  }
  jpeg_finish_compress(&image);
  std::string file(reinterpret_cast<char *>(memory), size);
  jpeg_destroy_compress(&image);
  std::free(memory);
  return file;
}

std::string pngFile(int height, int width, const Bytes &rows, const PngOptions &options) {
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  std::string file;
  png_set_write_fn(
      png, &file,
      [](png_structp png, png_bytep data, size_t size) {
        static_cast<std::string *>(png_get_io_ptr(png))
            ->append(reinterpret_cast<char *>(data), size);
      },
      nullptr);
  png_set_IHDR(png, info, width, height, options.bits, options.colourType,
               options.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  std::vector<png_color> palette;
  for (auto [r, g, b] : options.palette) palette.push_back({r, g, b});
  if (!palette.empty()) png_set_PLTE(png, info, palette.data(), palette.size());
  if (!options.paletteAlpha.empty())
    png_set_tRNS(png, info, options.paletteAlpha.data(), options.paletteAlpha.size(), nullptr);
  png_write_info(png, info);
  size_t rowBytes = png_get_rowbytes(png, info);
  std::vector<png_bytep> pointers;
  for (int y = 0; y < height; ++y)
    pointers.push_back(const_cast<png_bytep>(rows.data()) + y * rowBytes);
  png_write_image(png, pointers.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return file;
}

std::string pngFile(int height, int width, const Bytes &rgb) {
  return pngFile(height, width, rgb, {.colourType = PNG_COLOR_TYPE_RGB});
}

Bytes testPixels(size_t bytes, uint32_t seed) {
  Bytes pixels(bytes);
  uint32_t state = seed * 2654435761u + 12345;
  for (uint8_t &pixel : pixels) {
    state = state * 1664525 + 1013904223;
    pixel = state >> 24;
  }
  return pixels;
}

Component::Component(const char *kind, std::vector<std::pair<std::string, std::string>> given)
    : texts(std::move(given)) {
  for (const auto &[key, text] : texts) {
    double number = NAN;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) number = NAN;
    options.push_back({key.c_str(), text.c_str(), number});
  }
  component = {kind, options.data(), static_cast<int32_t>(options.size())};
}

Bytes sampleOf(const nncc::data::Dataset &dataset, int64_t index) {
  auto *data = reinterpret_cast<const uint8_t *>(dataset.sample(0, index));
  return {data, data + dataset.sampleBytes(0)};
}

int32_t labelOf(const nncc::data::Dataset &dataset, int64_t index) {
  int32_t label;
  std::memcpy(&label, dataset.sample(1, index), sizeof label);
  return label;
}

std::string errorOf(const std::function<void()> &action) {
  try {
    action();
  } catch (const nncc::UserError &error) {
    return error.what();
  }
  return "no error";
}
