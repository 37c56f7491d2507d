// nncc data split: which samples are the training's, by lists that stay the same when samples are added.
#ifndef NNCC_PREPARE_SPLITLISTS_H
#define NNCC_PREPARE_SPLITLISTS_H

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace nncc::prepare {

struct SplitOptions {
  std::filesystem::path source;  // a folder of class folders, or a CSV file with a header, gzip or not
  // Of a CSV file the column whose values are kept together: a person, a recording. Of a folder `file` (each file of
  // its own), `class`, or a regular expression that CLASS/FILE matches, whose first group in parentheses names what
  // is kept together.
  std::string group;
  std::vector<std::pair<std::string, double>> fractions;  // part and share, 1 in all
  std::filesystem::path out = ".";                        // folder of PART.txt
};

// "train=0.8,test=0.2". Throws UserError unless these are shares of 1 in all.
std::vector<std::pair<std::string, double>> parseFractions(const std::string &text);

// A group belongs to the part whose share its hash (data/Split.h) falls into, so that neither other groups nor an
// order nor a random number has a say. Writes PART.txt for each part: of a CSV file the values of the column, of a
// folder CLASS/FILE, sorted, one a line, as the split `list` of a model's data takes them. Prints how large the parts
// are. Throws UserError, with nothing written, where a part gets nothing.
void splitLists(const SplitOptions &options);

}  // namespace nncc::prepare

#endif  // NNCC_PREPARE_SPLITLISTS_H
