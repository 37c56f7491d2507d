// A CSV file beside an array: a row for each sample in its order, with its class and what else is
// known of it.
//
//   labels: FILE.csv         gzip or not, relative to the data folder; the first row is the header
//   label: COLUMN            of the class
//   only, except: {column: dirty, values: [0]}     which rows count, see Selection.h
//
// Labels count the values of the label's column, sorted: as numbers if all are integers, else in byte
// order. Without `label` the table has the targets of several outputs (TargetColumns.h).
#ifndef NNCC_DATA_LABELTABLE_H
#define NNCC_DATA_LABELTABLE_H

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/Labels.h"
#include "data/ReaderTable.h"
#include "data/Split.h"
#include "data/TargetColumns.h"

namespace nncc::data {

class LabelTable {
 public:
  // Does the option `labels` name such a file?
  static bool isIn(const ReaderInput &input);
  // `targets`: of the model, if they are to be read. Throws UserError for a row that is not as they want it.
  LabelTable(const ReaderInput &input, std::span<const NnccTensor> targets);

  // Throws UserError unless there is a row for each of `samples` samples of the file `array`.
  void requireRows(int64_t samples, const std::string &array) const;
  // Samples that `only` and `except` leave.
  int64_t size() const { return chosen; }
  bool isChosen(int64_t row) const { return rows[row].chosen; }

  const std::string &name() const { return fileName; }
  const std::vector<std::string> &classes() const { return targets ? targets->classes() : classNames; }
  // The targets of a row that is chosen, to the columns of a sample from number `first` on.
  void write(Dataset &dataset, int first, int64_t index, int64_t row) const;
  // What is in the columns of the splits.
  const std::vector<std::string> &groups(int64_t row) const { return rows[row].groups; }

 private:
  struct Row {
    bool chosen;
    int32_t label;  // or the row's number among the chosen ones, for `targets`
    std::vector<std::string> groups;
  };
  std::string fileName;
  std::vector<Row> rows;
  std::vector<std::string> classNames, names;
  std::optional<LabelWriter> labels;
  std::optional<TargetColumns> targets;
  int64_t chosen = 0;
};

}  // namespace nncc::data

#endif  // NNCC_DATA_LABELTABLE_H
