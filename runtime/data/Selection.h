// The options `only` and `except` of readers whose samples have columns: which samples there are.
//
//   only: {column: gesture, values: [1, 2]}    the samples with these values, as if there were no others
//   except: {column: user, values: [8]}        without those with these values
#ifndef NNCC_DATA_SELECTION_H
#define NNCC_DATA_SELECTION_H

#include <functional>
#include <string>
#include <vector>

#include "data/CsvFile.h"
#include "data/ReaderTable.h"

namespace nncc::data {

class Selection {
 public:
  // Does the reader have one of the options?
  static bool isIn(const ReaderInput &input);
  // `place` gives the number of the column with a name that an option has, or throws UserError.
  Selection(const ReaderInput &input, const std::function<int(const std::string &name, const char *option)> &place);

  // Is the record that the file stands at among the samples?
  bool takes(const CsvFile &file) const;

 private:
  struct Rule {
    int column;
    std::vector<std::string> values;
    bool wanted;  // are samples with them taken, or the others?
  };
  std::vector<Rule> rules;
};

}  // namespace nncc::data

#endif  // NNCC_DATA_SELECTION_H
