// Decoded samples in memory, one column per input of an entry function and in its order: the
// model's inputs, then its targets. A column is one dense block, sample after sample in the
// type and layout of its tensor (images: u8 HWC; class labels: i32).
#ifndef NNCC_DATA_DATASET_H
#define NNCC_DATA_DATASET_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "abi.h"

namespace nncc::data {

// Of one element of an NnccElementType.
int64_t elementBytes(int32_t type);
// Of one sample: elementBytes times the product of the shape (a scalar has one element).
int64_t sampleBytes(const NnccTensor &tensor);
// "[32, 32, 3]", "[]".
std::string shapeText(const NnccTensor &tensor);

// How the name of a column ends that tells how many steps of the input before it are data, from 1:
// "input.lengths" behind "input", i32 []. The steps behind them are zeros.
inline constexpr std::string_view kLengthsSuffix = ".lengths";
bool isLengths(const NnccTensor &tensor);
// A sample's class, by number: i32 [].
bool isClassNumber(const NnccTensor &tensor);

// How the name of a target ends that tells which samples have the target before it: "box.present" behind "box", [] and
// floating point, 1 or 0. The values of a target that a sample lacks are zeros.
inline constexpr std::string_view kPresentSuffix = ".present";
bool isPresence(const NnccTensor &tensor);

// File names of samples, each "folder/name", held once in a block of characters; a folder's
// path is stored once.
class FileNames {
 public:
  int addFolder(std::string path);            // returns its number
  void reserve(int64_t files, int64_t nameBytes);
  void add(int folder, std::string_view name);  // the next sample's
  int64_t size() const { return static_cast<int64_t>(entries.size()); }
  int folderOf(int64_t index) const { return static_cast<int>(entries[index].folder); }
  std::string operator[](int64_t index) const;
  int64_t bytes() const;

 private:
  struct Entry {
    size_t folder;
    size_t end;  // of its name in `characters`
  };
  std::vector<std::string> folders;
  std::vector<Entry> entries;
  std::string characters;
};

class Dataset {
 public:
  // Allocates the columns uninitialized: exactly samples * sampleBytes each, 64-byte aligned.
  // `source` says in messages where the samples come from ("cifar10/train").
  Dataset(std::string source, std::span<const NnccTensor> columns, int64_t samples);

  // The same with columns that are in memory already.
  Dataset(std::string source, std::span<const NnccTensor> columns, int64_t samples,
          std::vector<std::shared_ptr<std::byte[]>> blocks);

  int64_t size() const { return samples; }
  int columns() const { return static_cast<int>(blocks.size()); }
  int64_t sampleBytes(int column) const { return blocks[column].sampleBytes; }
  const std::byte *sample(int column, int64_t index) const {
    const Block &block = blocks[column];
    return block.data.get() + number(block, index) * block.sampleBytes;
  }
  std::byte *sample(int column, int64_t index) {
    Block &block = blocks[column];
    return block.data.get() + number(block, index) * block.sampleBytes;
  }

  const std::string &source() const { return sourceText; }
  // The samples with these numbers, in this order. It shares the samples and all else with this
  // one: only the numbers are its own.
  Dataset subset(std::vector<uint32_t> numbers) const;
  // Columns of data sets side by side, which share their samples: sample i of a column is the one
  // with number numbers[i] of its set. All have equally many numbers.
  struct Picked {
    const Dataset *from;
    int column;
    std::vector<uint32_t> numbers;
  };
  static Dataset joined(std::string source, std::vector<Picked> columns);

  // The first column of lengths and the last one of class numbers (i32 []); -1 if there is none.
  int lengthsColumn() const { return columnOf(Lengths, false); }
  int labelColumn() const { return columnOf(Label, true); }
  // A number of one of these columns.
  int32_t integer(int column, int64_t index) const;

  // Names of the classes in the order of their labels; empty if there are no classes.
  const std::vector<std::string> &classNames() const { return classes; }
  // Path of the file that holds this sample alone; empty if there is none.
  std::string fileName(int64_t index) const;
  // Line of its file that a sample begins in, from 1; 0 if samples are no lines.
  int64_t line(int64_t index) const { return lines ? (*lines)[number(index)] : 0; }
  // Where a sample is from, for messages: its file, or its line of the source, or where both are unknown the source.
  std::string place(int64_t index) const;
  // What the reader found in the training part and wants to know of again when it reads others
  // (categories, fill values): a text of its own, empty if there is nothing.
  const std::string &preprocessing() const { return preprocessingText; }
  // Where targets are not in the units of the file: value * scale + offset is.
  struct Units {
    double scale = 1, offset = 0;
    std::string name = {};  // of what the target is; empty: targets are as in the file
  };
  const Units &targetUnits() const { return units; }
  // Do targets tell places in the images (boxes), which what moves an image would have to move too?
  bool isPlaced() const { return placed; }
  // Sentences for the user.
  const std::vector<std::string> &warnings() const { return warningTexts; }
  // Memory held: columns and names, with all that it shares.
  int64_t bytes() const;

  void setClassNames(std::vector<std::string> names) { classes = std::move(names); }
  void setFileNames(FileNames names) {
    files = std::make_shared<const FileNames>(std::move(names));
  }
  void setLines(std::vector<uint32_t> numbers) {
    lines = std::make_shared<const std::vector<uint32_t>>(std::move(numbers));
  }
  void setPreprocessing(std::string text) { preprocessingText = std::move(text); }
  void setPlaced() { placed = true; }
  void setTargetUnits(Units targets) { units = std::move(targets); }
  void addWarning(std::string sentence) { warningTexts.push_back(std::move(sentence)); }

 private:
  enum Role { Values, Lengths, Label };
  static Role roleOf(const NnccTensor &column);
  struct Free {
    void operator()(std::byte *data) const;
  };
  struct Block {
    int64_t sampleBytes;
    int64_t stored;  // samples in it
    Role role;
    std::shared_ptr<std::byte[]> data;
    bool isPicked = false;
    std::vector<uint32_t> numbers = {};  // of its own samples in `data`, where it is picked
  };

  Dataset() = default;
  int64_t number(int64_t index) const { return isSubset ? numbers[index] : index; }
  int64_t number(const Block &block, int64_t index) const {
    return block.isPicked ? block.numbers[index] : number(index);
  }
  int columnOf(Role role, bool last) const;

  std::string sourceText;
  int64_t samples = 0;
  std::vector<Block> blocks;
  bool isSubset = false;
  std::vector<uint32_t> numbers;  // of a subset's samples in the blocks
  std::vector<std::string> classes;
  std::shared_ptr<const FileNames> files;
  std::shared_ptr<const std::vector<uint32_t>> lines;
  std::string preprocessingText;
  Units units;
  bool placed = false;
  std::vector<std::string> warningTexts;
};

// Throws UserError unless the data set has exactly `expected` classes; `what` names what
// expects them ("the model's output 'dense_1'").
void requireClassCount(const Dataset &dataset, int64_t expected, std::string_view what);

// Throws UserError unless both have the same classes in the same order: a class that only one
// of them has would silently shift the labels of those behind it.
void requireSameClasses(const Dataset &train, const Dataset &other);

}  // namespace nncc::data

#endif  // NNCC_DATA_DATASET_H
