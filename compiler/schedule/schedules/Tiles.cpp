#include "schedule/schedules/Tiles.h"

#include <algorithm>

namespace nncc::schedule {

int lanesFor(const Target &target, ElementType element, int channels) {
  return std::min<int>(channels, target.vectorBytes() / static_cast<int>(sizeInBytes(element)));
}

std::string RegisterTile::text() const {
  return std::to_string(vectors) + "x" + std::to_string(x) + "x" + std::to_string(y);
}

int largestDivisor(int number, int limit) {
  for (int divisor = std::min(number, limit); divisor > 1; --divisor)
    if (number % divisor == 0)
      return divisor;
  return 1;
}

int ceilDiv(int a, int b) { return (a + b - 1) / b; }

double termCycles(int sums, double loads) {
  // Multiply-adds under way until the first is done: two pipes of four cycles.
  constexpr double latency = 8;
  return std::max({double(sums), loads, latency}) + 0.05 * loads;
}

static std::vector<TileChoice> best(std::vector<TileChoice> choices, int count) {
  std::stable_sort(choices.begin(), choices.end(),
                   [](const TileChoice &a, const TileChoice &b) { return a.cycles < b.cycles; });
  choices.resize(std::min<size_t>(choices.size(), static_cast<size_t>(count)));
  return choices;
}

std::vector<TileChoice> chooseTiles(const Target &target, ElementType element, int channels, int width,
                                    int height, Remainder remainder, int count) {
  int registers = target.vectorRegisters();
  bool divide = remainder == Remainder::None, divideChannels = remainder != Remainder::Overlap;
  int lanes = lanesFor(target, element, channels);
  if (divideChannels)
    lanes = largestDivisor(channels, lanes);
  std::vector<TileChoice> choices;
  for (int vectors = 1; vectors * lanes <= channels && vectors < registers; ++vectors)
    for (int x = 1; x <= width && vectors * x < registers; ++x)
      for (int y = 1; y <= height && vectors * x * y < registers; ++y) {
        int sums = vectors * x * y;
        // Beside the sums: the weights, and the broadcast where it is used more than once
        // or the machine cannot broadcast in the multiply-add itself.
        bool embedded = vectors == 1 && target.vectorBytes() == 64;
        if (sums + (embedded ? 1 : vectors + 1) > registers)
          continue;
        if (divide && (width % x || height % y))
          continue;
        if (divideChannels && channels % (vectors * lanes))
          continue;
        double cycles = termCycles(sums, vectors + x * y);
        double tiles = double(ceilDiv(channels, vectors * lanes)) * ceilDiv(width, x) *
                       ceilDiv(height, y);
        choices.push_back({{lanes, vectors, x, y}, tiles * cycles});
      }
  return best(std::move(choices), count);
}

std::vector<TileChoice> chooseChannelwiseTiles(const Target &target, ElementType element, int channels,
                                               int width, int height, int kernelWidth, bool reused, int count) {
  // Sums, a column of weights, and what is loaded.
  int room = target.vectorRegisters() - 4;
  const int lanes = lanesFor(target, element, channels);
  std::vector<TileChoice> choices;
  for (int x = 1; x <= std::min(width, room); ++x)
    for (int y = 1; y <= height && x * y <= room; ++y) {
      // Half cycles of a row of the window: as many loads or products; each sum waits for itself.
      double products = double(x) * y * kernelWidth;
      double loads = y * (reused ? x + kernelWidth - 1 : x * kernelWidth) + kernelWidth;
      double cycles = std::max({products, loads, 8.0 * kernelWidth}) + 0.05 * loads;
      double rows = cycles * ceilDiv(width, x) * ceilDiv(height, y) * ceilDiv(channels, lanes);
      choices.push_back({{lanes, 1, x, y}, rows / 2});
    }
  return best(std::move(choices), count);
}

}  // namespace nncc::schedule
