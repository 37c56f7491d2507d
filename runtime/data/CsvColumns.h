// What the columns of a CSV file become: features, one number or one place for each category,
// and targets. Found in the rows of the training part once, and stored with the weights as a
// text, so that other rows are treated alike.
#ifndef NNCC_DATA_CSVCOLUMNS_H
#define NNCC_DATA_CSVCOLUMNS_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nncc::data {

// A column of a file: by its name in the header, or by its number from 0 where there is none.
struct CsvColumn {
  std::string name;
  int64_t number = 0;  // in the training's file
};

struct CsvFeature : CsvColumn {
  // A number as it is; a place for each category; the number of the category, from 1, where 0 is
  // one that the training part doesn't have.
  enum class Coding { Number, OneHot, Index };
  Coding coding = Coding::Number;
  double fill = 0;                          // for a missing number
  std::vector<std::string> categories = {};  // sorted

  bool isCategory() const { return coding != Coding::Number; }
};

struct CsvColumns {
  bool header = true;
  int64_t width = 0;  // columns of the training's file
  std::vector<CsvFeature> features;
  std::vector<CsvColumn> targets;
  std::vector<std::string> classes;  // of a target that is a class, in the order of the labels

  // Numbers that a sample's features are.
  int64_t size() const;
  // "season=1, season=2, temp": what they stand for.
  std::string list() const;

  std::string text() const;
  // Throws UserError if that is no such text.
  static CsvColumns parse(const std::string &text);
};

// As numbers if all are integers, else in byte order.
void sortCategories(std::vector<std::string> &texts);

// Nothing but a finite decimal number gives true.
bool parseNumber(std::string_view text, double &value);

}  // namespace nncc::data

#endif  // NNCC_DATA_CSVCOLUMNS_H
