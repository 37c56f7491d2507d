// Targets of several outputs from the columns of a table (LabelTable.h), which are called like the outputs:
//
//   speed                            the only number of a target, or its class where the target is a class number
//   box.x, box.y, box.width, ...     its numbers in the order of the columns, with anything behind the dot
//
// A target that samples may lack has a target behind it that says which have it ("box.present", Dataset.h): there
// all of its cells are filled or all are empty. Others have none that are empty.
#ifndef NNCC_DATA_TARGETCOLUMNS_H
#define NNCC_DATA_TARGETCOLUMNS_H

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "abi.h"
#include "data/CsvFile.h"
#include "data/Dataset.h"

namespace nncc::data {

class TargetColumns {
 public:
  // `header`: the names of the table's columns; both must outlive this. Throws UserError, naming the file, unless each
  // target has as many columns as numbers.
  TargetColumns(std::span<const NnccTensor> targets, std::span<const std::string> header, std::string file);

  // The record that the file stands at is the next sample. Throws UserError naming file and line for cells that are no
  // number, or empty where they may not be.
  void add(const CsvFile &file);
  // To be called behind the last: finds the classes. Throws UserError where no sample has one of the targets.
  void finish();

  // Of the target that is a class, sorted; empty if there is none.
  const std::vector<std::string> &classes() const { return classNames; }
  // Of sample number `sample` in the order of add(), to sample `index` of a data set whose column `first` is the first
  // target's.
  void write(Dataset &dataset, int first, int64_t index, int64_t sample) const;

 private:
  struct Target {
    const NnccTensor *tensor;
    bool optional;  // has a ".present" behind it
    std::vector<size_t> columns;
    std::vector<uint8_t> present = {};  // by sample
    std::vector<double> numbers = {};   // of all samples
    std::vector<std::string> texts = {};  // or of classes

    bool isClass() const { return tensor->type == NNCC_I32; }
  };
  Target targetOf(const NnccTensor &tensor, bool optional) const;
  bool isEmpty(const Target &target, const CsvFile &file) const;

  std::span<const NnccTensor> tensors;
  std::span<const std::string> header;
  std::string fileName;
  std::vector<Target> targets;
  std::vector<std::string> classNames;
};

}  // namespace nncc::data

#endif  // NNCC_DATA_TARGETCOLUMNS_H
