#include "data/Findings.h"

#include <algorithm>
#include <filesystem>
#include <string_view>

namespace nncc::data {

namespace {

// Does a name's ending speak of another format? Endings of no format speak of none.
bool isMisnamed(const std::string &file, std::string_view format) {
  std::string ending = std::filesystem::path(file).extension().string();
  for (char &c : ending)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  static const std::pair<std::string_view, std::string_view> endings[] = {
      {".jpg", "JPEG"},       {".jpeg", "JPEG"},      {".jpe", "JPEG"},       {".png", "PNG"},
      {".pgm", "PGM or PPM"}, {".ppm", "PGM or PPM"}, {".pnm", "PGM or PPM"}, {".gif", "GIF"},
      {".bmp", "BMP"},        {".webp", "WebP"},      {".tif", "TIFF"},       {".tiff", "TIFF"}};
  for (auto [known, itsFormat] : endings)
    if (ending == known) return format != itsFormat;
  return false;
}

}  // namespace

void Findings::fault(const std::string &error) {
  std::lock_guard lock(mutex);
  generalFaults.insert(error);
}

void Findings::unreadable(int64_t sample, const std::string &error) {
  std::lock_guard lock(mutex);
  sampleFaults[sample] = error;
  unreadableSamples.push_back(static_cast<uint32_t>(sample));
}

void Findings::image(const std::string &file, const ImageFacts &facts) {
  bool misnamed = isMisnamed(file, facts.format);
  std::lock_guard lock(mutex);
  Seen &seen = sizesSeen[{facts.width, facts.height}];
  if (seen.count++ == 0 || file < seen.first) seen.first = file;
  if (misnamed) misnamedFiles[file] = facts.format;
}

void Findings::missing(const std::string &column, int64_t line) {
  std::lock_guard lock(mutex);
  missingLines[column].insert(line);
}

std::vector<std::string> Findings::faults() const {
  std::set<std::string> general = generalFaults;
  for (const auto &[sample, error] : sampleFaults) general.erase(error);
  std::vector<std::string> all(general.begin(), general.end());
  for (const auto &[sample, error] : sampleFaults) all.push_back(error);
  return all;
}

std::vector<uint32_t> Findings::takeUnreadable() {
  std::vector<uint32_t> samples = std::exchange(unreadableSamples, {});
  std::ranges::sort(samples);
  return samples;
}

}  // namespace nncc::data
