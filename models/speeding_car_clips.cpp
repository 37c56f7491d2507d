// nncc-car-clips: the clips of models/speeding_car.yaml, from CIFAR-10's images.
//
//     nncc-car-clips FOLDER [--train N] [--test N] [--seed S] [--hard-test]
//
// FOLDER has cifar10/train/CLASS/*.jpg and cifar10/test/CLASS/*.jpg. Made are FOLDER/speeding_car/train.npy, u8
// [N, 8, 32, 48, 3], with train.csv, a row for each clip, and the same of the test from the images of the test alone.
//
// A clip is a still background, the image of a class other than automobile, 1.5 times as large. Before it an object
// moves from frame to frame by the same distance to the left or the right: in one half of the clips an automobile, the
// whole image scaled to 14 to 28 pixels. In the others nothing moves, but in every second of the training's the image
// of an animal does, so that to see something move is not to see a car; with --hard-test in the test's too. Places are
// in fractions of a pixel: images are looked up by bilinear interpolation, and a pixel that is covered in part is a
// mixture.
//
// Columns: car (0 or 1); box.F.x, .y, .width and .height for each frame F: what is seen of the car, as shares of the
// frame, x and y at the upper left; speed in pixels a frame, without direction. Without a car, boxes and speed are
// empty. Then the files that the clip was made of.
//
// Clip i of a part is a function of seed, part and i: the same whatever else is made, on any number of threads.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "data/InputFile.h"
#include "data/Parallel.h"
#include "data/Random.h"
#include "data/Reader.h"
#include "error.h"
#include "report/AtomicFile.h"

namespace {

namespace fs = std::filesystem;
using nncc::UserError;

constexpr int kFrames = 8, kHeight = 32, kWidth = 48, kChannels = 3, kSide = 32;
constexpr int64_t kClipBytes = int64_t{kFrames} * kHeight * kWidth * kChannels;
constexpr double kBackgroundScale = 1.5, kLeastSize = 14, kMostSize = 28;
constexpr double kLeastSpeed = 0.5, kMostSpeed = 4;  // pixels a frame
constexpr const char *kCar = "automobile";
constexpr const char *kDistractors[] = {"bird", "cat", "deer", "dog", "frog", "horse"};

// An image, [32, 32, 3].
class Image {
 public:
  explicit Image(const fs::path &file) {
    static constexpr int64_t shape[] = {kSide, kSide, kChannels};
    pixels = nncc::data::decodeImage(file, {"image", NNCC_U8, 3, shape});
  }

  // The colour at a place, by bilinear interpolation between the centres of pixels; edges are repeated.
  double at(double y, double x, int channel) const {
    double row = std::clamp(y - 0.5, 0.0, kSide - 1.0), column = std::clamp(x - 0.5, 0.0, kSide - 1.0);
    int top = static_cast<int>(row), left = static_cast<int>(column);
    int bottom = std::min(top + 1, kSide - 1), right = std::min(left + 1, kSide - 1);
    double down = row - top, along = column - left;
    return (pixel(top, left, channel) * (1 - along) + pixel(top, right, channel) * along) * (1 - down) +
           (pixel(bottom, left, channel) * (1 - along) + pixel(bottom, right, channel) * along) * down;
  }

 private:
  double pixel(int row, int column, int channel) const {
    return std::to_integer<int>(pixels[(row * kSide + column) * kChannels + channel]);
  }

  std::vector<std::byte> pixels;
};

// A range of pixels, and what of it is seen from 0 to a limit.
struct Span {
  double from, to;
  Span within(double limit) const { return {std::clamp(from, 0.0, limit), std::clamp(to, 0.0, limit)}; }
  double length() const { return to - from; }
};

// The images of a part by class.
struct Images {
  struct Class {
    std::string name;
    std::vector<std::string> files;  // from the part's folder on
  };
  fs::path folder;
  Class cars;
  std::vector<Class> distractors, others;  // the others have the distractors too

  explicit Images(const fs::path &folder) : folder(folder) {
    for (const nncc::data::FolderEntry &entry : nncc::data::listFolder(folder)) {
      Class images{entry.name, {}};
      for (const nncc::data::FolderEntry &file : nncc::data::listFolder(folder / entry.name))
        images.files.push_back(entry.name + "/" + file.name);
      if (images.files.empty())
        throw UserError((folder / entry.name).string() + ": the folder is empty; expected images");
      if (entry.name == kCar) {
        cars = std::move(images);
        continue;
      }
      if (std::ranges::find(kDistractors, entry.name) != std::end(kDistractors)) distractors.push_back(images);
      others.push_back(std::move(images));
    }
    if (cars.files.empty() || distractors.size() != std::size(kDistractors))
      throw UserError(folder.string() + ": expected the ten class folders of CIFAR-10, " + kCar + " among them");
  }
};

// What each number of a clip's stream is for.
enum Draw : uint64_t {
  WhichBackground,
  BackgroundClass,
  BackgroundTop,
  WhichObject,
  ObjectClass,
  Size,
  Speed,
  Direction,
  Start,
  Top,
};

// What a clip shows, of which the frames are drawn.
class Clip {
 public:
  // `things`: may an animal move in it?
  Clip(const Images &images, uint64_t seed, int64_t number, bool things)
      : random(seed, nncc::data::Purpose::Augmentation, static_cast<uint64_t>(number)) {
    background = pick(images.others, BackgroundClass, WhichBackground);
    backgroundTop = random.uniform(BackgroundTop) * (kSide * kBackgroundScale - kHeight);
    car = number % 2 == 0;
    if (!car && (number % 4 == 3 || !things)) return;
    object = car ? images.cars.files[random.below(WhichObject, images.cars.files.size())]
                 : pick(images.distractors, ObjectClass, WhichObject);
    size = between(Size, kLeastSize, kMostSize);
    speed = between(Speed, kLeastSpeed, kMostSpeed);
    step = random.below(Direction, 2) ? speed : -speed;
    // Its middle stays in the picture, at the side that it does not go to when it starts.
    double way = speed * (kFrames - 1), start = between(Start, 0, kWidth - way);
    middle = step > 0 ? start : kWidth - start;
    top = between(Top, 0, kHeight - size);
  }

  void draw(const Images &images, std::byte *to) const {
    const Image behind(images.folder / background);
    std::optional<Image> before;
    if (!object.empty()) before.emplace(images.folder / object);
    for (int frame = 0; frame < kFrames; ++frame)
      for (int y = 0; y < kHeight; ++y)
        for (int x = 0; x < kWidth; ++x, to += kChannels) {
          Span rows = part(y, vertical()), columns = part(x, horizontal(frame));
          double covered = before ? rows.length() * columns.length() : 0;
          for (int c = 0; c < kChannels; ++c) {
            double colour = 0;
            if (covered < 1)
              colour += (1 - covered) *
                        behind.at((y + 0.5 + backgroundTop) / kBackgroundScale, (x + 0.5) / kBackgroundScale, c);
            if (covered > 0)
              colour += covered * before->at(within(rows, vertical().from), within(columns, horizontal(frame).from), c);
            to[c] = static_cast<std::byte>(static_cast<int>(colour + 0.5));
          }
        }
  }

  std::string row() const {
    std::string text = car ? "1" : "0";
    for (int frame = 0; frame < kFrames; ++frame) {
      Span x = horizontal(frame).within(kWidth), y = vertical().within(kHeight);
      for (double share : {x.from / kWidth, y.from / kHeight, x.length() / kWidth, y.length() / kHeight})
        text += "," + cell(share);
    }
    return text + "," + cell(speed) + "," + background + "," + object + "\n";
  }

  static std::string header() {
    std::string text = "car";
    for (int frame = 0; frame < kFrames; ++frame)
      for (const char *side : {"x", "y", "width", "height"}) text += ",box." + std::to_string(frame) + "." + side;
    return text + ",speed,background,object\n";
  }

 private:
  double between(Draw draw, double least, double most) const { return least + random.uniform(draw) * (most - least); }

  std::string pick(const std::vector<Images::Class> &classes, Draw which, Draw image) const {
    const Images::Class &chosen = classes[random.below(which, classes.size())];
    return chosen.files[random.below(image, chosen.files.size())];
  }

  Span horizontal(int frame) const {
    double centre = middle + step * frame;
    return {centre - size / 2, centre + size / 2};
  }
  Span vertical() const { return {top, top + size}; }

  // What a range covers of the pixel from `place` on.
  static Span part(int place, Span range) {
    double from = std::max<double>(place, range.from), to = std::min<double>(place + 1, range.to);
    return {from, std::max(from, to)};
  }
  // The middle of what is covered, in the object's image.
  double within(Span covered, double from) const { return ((covered.from + covered.to) / 2 - from) / size * kSide; }

  std::string cell(double value) const {
    if (!car) return "";
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, 6).ptr};
  }

  nncc::data::Random random;
  bool car;
  std::string background, object;  // no object: empty
  double backgroundTop;
  double size = 0, speed = 0, step = 0, middle = 0, top = 0;  // of the object, in pixels of the frame
};

// The header of a .npy file of so many clips.
std::string npyHeader(int64_t clips) {
  std::string text = "{'descr': '|u1', 'fortran_order': False, 'shape': (" + std::to_string(clips) + ", " +
                     std::to_string(kFrames) + ", " + std::to_string(kHeight) + ", " + std::to_string(kWidth) + ", " +
                     std::to_string(kChannels) + "), }";
  constexpr size_t before = 10, alignment = 64;  // magic, version and length
  text.append(alignment - (before + text.size() + 1) % alignment, ' ');
  text += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(text.size() & 0xff);
  header += static_cast<char>(text.size() >> 8);
  return header + text;
}

// Files of one part, written a block of clips at a time.
void make(const fs::path &folder, const std::string &part, int64_t clips, uint64_t seed, bool things) {
  constexpr int64_t block = 256;
  const int64_t origin = part == "train" ? 0 : int64_t{1} << 40;  // of its clips' numbers
  const Images images(folder / "cifar10" / part);
  const int threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const fs::path to = folder / "speeding_car";
  nncc::report::makeFolder(to);
  nncc::report::AtomicFile array(to / (part + ".npy")), table(to / (part + ".csv"));
  array.write(npyHeader(clips));
  table.write(Clip::header());
  std::vector<std::byte> bytes(block * kClipBytes);
  std::vector<std::string> rows(block);
  for (int64_t first = 0; first < clips; first += block) {
    int64_t count = std::min(block, clips - first);
    auto makeBody = [&] {
      return [&](int64_t i) {
        const Clip clip(images, seed, origin + first + i, things);
        clip.draw(images, bytes.data() + i * kClipBytes);
        rows[i] = clip.row();
      };
    };
    nncc::data::parallelFor(count, threads, makeBody, {});
    array.write(bytes.data(), static_cast<size_t>(count * kClipBytes));
    for (int64_t i = 0; i < count; ++i) table.write(rows[i]);
  }
  array.commit();
  table.commit();
  std::printf("%s: %lld clips, %s.npy and %s.csv\n", to.c_str(), static_cast<long long>(clips), part.c_str(),
              part.c_str());
}

int64_t number(const std::string &option, std::string_view text, int64_t least, int64_t most) {
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value >= least && value <= most) return value;
  std::fprintf(stderr, "error: %s is '%s'; expected a whole number from %lld to %lld\n", option.c_str(),
               std::string(text).c_str(), static_cast<long long>(least), static_cast<long long>(most));
  std::exit(2);
}

}  // namespace

int main(int argc, char **argv) {
  std::vector<fs::path> folders;
  int64_t train = 12000, test = 2000, seed = 1;
  bool hard = false;
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    if (word == "--train" && i + 1 < argc) train = number(word, argv[++i], 1, 1000000);
    else if (word == "--test" && i + 1 < argc) test = number(word, argv[++i], 1, 1000000);
    else if (word == "--seed" && i + 1 < argc) seed = number(word, argv[++i], 0, INT64_MAX);
    else if (word == "--hard-test") hard = true;
    else if (word.starts_with("-")) folders.resize(9);
    else folders.push_back(word);
  }
  if (folders.size() != 1) {
    std::fprintf(stderr, "usage: nncc-car-clips FOLDER [--train N] [--test N] [--seed S] [--hard-test]\n"
                         "FOLDER/cifar10 has train/CLASS/*.jpg and test/CLASS/*.jpg\n");
    return 2;
  }
  try {
    make(folders[0], "train", train, static_cast<uint64_t>(seed), true);
    make(folders[0], "test", test, static_cast<uint64_t>(seed), hard);
  } catch (const UserError &error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
  return 0;
}
