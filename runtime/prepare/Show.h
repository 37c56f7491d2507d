// nncc data show: samples as the network gets them.
#ifndef NNCC_PREPARE_SHOW_H
#define NNCC_PREPARE_SHOW_H

#include <cstdint>
#include <filesystem>
#include <string>

#include "prepare/Samples.h"

namespace nncc::prepare {

struct ShowOptions {
  std::string part = "train";
  bool augmented = false;     // as training sees them in its first epochs, by `augment`
  int count = 40;             // samples
  uint64_t seed = 0;          // of the training whose order and variations these are
  std::filesystem::path out;  // a PNG file; empty: NAME-PART.png
};

// Of images, clips and sequences a grid with the names of the classes, written to a file: the samples in the order of
// the training's first epoch, in rows of one class where there are classes. Augmented: each sample as it is, and
// beside it as it is in the first epochs. Of tables the rows of numbers, printed. Throws UserError where a training
// would end with one, or there is nothing to augment.
void show(const Source &source, const ShowOptions &options);

}  // namespace nncc::prepare

#endif  // NNCC_PREPARE_SHOW_H
