// nncc-reencode: blurs and compresses all images of a folder alike.
//
//     nncc-reencode FROM TO [--blur S] [--quality Q]
//
// Every JPEG below FROM is decoded, blurred by a Gaussian of standard deviation S pixels (1; 0:
// not at all) and written to the same place below TO at quality Q (75) with the same tables and
// subsampling and nothing but the picture. What a network still knows of such a set it can't
// have from how the files were made: where one class was compressed more than the other, compare
// its accuracy before and after. The same input gives the same bytes.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include <jpeglib.h>

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string &message) {
  std::fprintf(stderr, "error: %s\n", message.c_str());
  std::exit(1);
}

struct Image {
  int height, width, channels;
  std::vector<unsigned char> pixels;
};

// The file that libjpeg's functions below are at, for its messages.
std::string current;

[[noreturn]] void jpegFailed(j_common_ptr jpeg) {
  char text[JMSG_LENGTH_MAX];
  jpeg->err->format_message(jpeg, text);
  fail(current + ": " + text + "; expected a whole JPEG file");
}

// A warning is an error too: libjpeg goes on with pixels that it made up.
void jpegSays(j_common_ptr jpeg, int level) {
  if (level < 0) jpegFailed(jpeg);
}

jpeg_error_mgr *errors() {
  static jpeg_error_mgr manager;
  jpeg_std_error(&manager);
  manager.error_exit = jpegFailed;
  manager.emit_message = jpegSays;
  return &manager;
}

std::FILE *open(const fs::path &path, const char *mode) {
  std::FILE *file = std::fopen(path.c_str(), mode);
  if (!file) fail(path.string() + ": " + std::generic_category().message(errno));
  current = path.string();
  return file;
}

Image read(const fs::path &path) {
  std::FILE *file = open(path, "rb");
  jpeg_decompress_struct jpeg;
  jpeg.err = errors();
  jpeg_create_decompress(&jpeg);
  jpeg_stdio_src(&jpeg, file);
  jpeg_read_header(&jpeg, TRUE);
  if (jpeg.num_components == 4) fail(current + ": its colours are CMYK; expected RGB or grey");
  jpeg.out_color_space = jpeg.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_start_decompress(&jpeg);
  Image image{static_cast<int>(jpeg.output_height), static_cast<int>(jpeg.output_width),
              jpeg.output_components, {}};
  size_t rowBytes = static_cast<size_t>(image.width) * image.channels;
  image.pixels.resize(image.height * rowBytes);
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPLE *row = image.pixels.data() + jpeg.output_scanline * rowBytes;
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);
  jpeg_destroy_decompress(&jpeg);
  std::fclose(file);
  return image;
}

void write(Image &image, const fs::path &path, int quality) {
  std::FILE *file = open(path, "wb");
  jpeg_compress_struct jpeg;
  jpeg.err = errors();
  jpeg_create_compress(&jpeg);
  jpeg_stdio_dest(&jpeg, file);
  jpeg.image_height = static_cast<JDIMENSION>(image.height);
  jpeg.image_width = static_cast<JDIMENSION>(image.width);
  jpeg.input_components = image.channels;
  jpeg.in_color_space = image.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    JSAMPLE *row = image.pixels.data() +
                   static_cast<size_t>(jpeg.next_scanline) * image.width * image.channels;
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  if (std::fclose(file)) fail(path.string() + ": can't be written to its end");
}

// Along one dimension of `size` elements that lie `stride` apart; edges are repeated.
void blurLine(float *line, int size, int stride, const std::vector<float> &weights,
              std::vector<float> &copy) {
  int radius = static_cast<int>(weights.size()) / 2;
  copy.resize(size);
  for (int i = 0; i < size; ++i) copy[i] = line[i * stride];
  for (int i = 0; i < size; ++i) {
    float sum = 0;
    for (int k = -radius; k <= radius; ++k)
      sum += weights[k + radius] * copy[std::clamp(i + k, 0, size - 1)];
    line[i * stride] = sum;
  }
}

void blur(Image &image, double deviation) {
  int radius = static_cast<int>(std::ceil(3 * deviation));
  std::vector<float> weights;
  double sum = 0;
  for (int k = -radius; k <= radius; ++k) sum += std::exp(-k * k / (2 * deviation * deviation));
  for (int k = -radius; k <= radius; ++k)
    weights.push_back(static_cast<float>(std::exp(-k * k / (2 * deviation * deviation)) / sum));
  std::vector<float> values(image.pixels.begin(), image.pixels.end()), copy;
  int row = image.width * image.channels;
  for (int y = 0; y < image.height; ++y)
    for (int c = 0; c < image.channels; ++c)
      blurLine(&values[static_cast<size_t>(y) * row + c], image.width, image.channels, weights, copy);
  for (int x = 0; x < row; ++x) blurLine(&values[x], image.height, row, weights, copy);
  for (size_t i = 0; i < values.size(); ++i)
    image.pixels[i] = static_cast<unsigned char>(std::clamp(values[i] + 0.5F, 0.0F, 255.0F));
}

double number(const char *option, const char *text, double least, double most) {
  double value = 0;
  auto [end, error] = std::from_chars(text, text + std::strlen(text), value);
  if (error != std::errc() || *end || !(value >= least && value <= most)) {
    std::fprintf(stderr, "error: %s is '%s'; expected a number from %g to %g\n", option, text, least,
                 most);
    std::exit(2);
  }
  return value;
}

}  // namespace

int main(int argc, char **argv) {
  std::vector<fs::path> folders;
  double deviation = 1, quality = 75;
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    if (word == "--blur" && i + 1 < argc) deviation = number("--blur", argv[++i], 0, 100);
    else if (word == "--quality" && i + 1 < argc) quality = number("--quality", argv[++i], 1, 100);
    else if (word.starts_with("-")) folders.resize(9);
    else folders.push_back(word);
  }
  if (folders.size() != 2) {
    std::fprintf(stderr, "usage: nncc-reencode FROM TO [--blur S] [--quality Q]\n");
    return 2;
  }
  const fs::path &from = folders[0], &to = folders[1];
  if (!fs::is_directory(from)) fail(from.string() + ": not found; expected a folder of JPEG files");
  if (fs::exists(to)) fail(to.string() + ": is there already; expected the name of a new folder");

  std::vector<fs::path> files;
  for (const fs::directory_entry &entry : fs::recursive_directory_iterator(from))
    if (entry.is_regular_file() && !entry.path().filename().string().starts_with("."))
      files.push_back(entry.path().lexically_relative(from));
  std::sort(files.begin(), files.end());
  if (files.empty()) fail(from.string() + ": holds no file; expected JPEG files");
  for (const fs::path &file : files) {
    Image image = read(from / file);
    if (deviation > 0) blur(image, deviation);
    fs::create_directories((to / file).parent_path());
    write(image, to / file, static_cast<int>(quality));
  }
  std::printf("%s: %zu images, blur %g, quality %d\n", to.c_str(), files.size(), deviation,
              static_cast<int>(quality));
  return 0;
}
