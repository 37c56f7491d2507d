// What reading finds beside the samples, for who wants to know all of it. With such an object in the
// ReadContext a sample that can't be read is left out and told of here, and reading goes on; without one
// reading ends with the error of the first.
#ifndef NNCC_DATA_FINDINGS_H
#define NNCC_DATA_FINDINGS_H

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "error.h"

namespace nncc::data {

// An image file as it is on disk.
struct ImageFacts {
  const char *format = "";  // "JPEG", "PNG", "PGM or PPM"
  int64_t width = 0, height = 0;
};

// Of one data set. May be told from several threads; looked at behind the reading.
class Findings {
 public:
  // The text of the error that a training would end with. The same text counts once: a file may be gone
  // through several times.
  void fault(const std::string &error);
  // The same for a sample, which will be left out.
  void unreadable(int64_t sample, const std::string &error);
  void image(const std::string &file, const ImageFacts &facts);
  // An empty cell of a column that is a feature or target.
  void missing(const std::string &column, int64_t line);

  // In the order of samples; those of none first.
  std::vector<std::string> faults() const;
  // Numbers in the data set, in order; empty the next time: a reader in a reader has left them out.
  std::vector<uint32_t> takeUnreadable();

  struct Seen {
    int64_t count = 0;
    std::string first;  // file
  };
  // By width and height.
  const std::map<std::pair<int64_t, int64_t>, Seen> &sizes() const { return sizesSeen; }
  // Images whose name ends like that of another format: the file, and what it is.
  const std::map<std::string, std::string> &misnamed() const { return misnamedFiles; }
  // Lines of each column, in order.
  const std::map<std::string, std::set<int64_t>> &missingCells() const { return missingLines; }

 private:
  std::mutex mutex;
  std::set<std::string> generalFaults;
  std::map<int64_t, std::string> sampleFaults;
  std::vector<uint32_t> unreadableSamples;
  std::map<std::pair<int64_t, int64_t>, Seen> sizesSeen;
  std::map<std::string, std::string> misnamedFiles;
  std::map<std::string, std::set<int64_t>> missingLines;
};

// Reads a sample with `read`. Its UserError goes to the findings where there are such.
template <typename Read>
bool attempt(Findings *findings, int64_t sample, const Read &read) {
  if (!findings) return read(), true;
  try {
    read();
    return true;
  } catch (const UserError &error) {
    findings->unreadable(sample, error.what());
    return false;
  }
}

}  // namespace nncc::data

#endif  // NNCC_DATA_FINDINGS_H
