// image_folder with the option `labels`: the images that a label file (ImageLabels.h) names, below the folder,
// by their paths in byte order.
//
//   labels: labels.csv       relative to the data folder
//   classes: [cat, dog]      labels in this order; without it those that the file has, by name
//
// Targets:
//   one class an image       the class, as of class folders (Labels.h)
//   several                  one target [K] of floating point: 1 at each of the image's classes, else 0
//   boxes                    targets of floating point [4] get the box: x, y, width and height as shares of the image's
//                            width and height; another target gets its class. Each image needs exactly one box
//
// Splits go by the path that the file names, or, with one class an image, by the `class`.
#ifndef NNCC_DATA_LABELLEDIMAGES_H
#define NNCC_DATA_LABELLEDIMAGES_H

#include <cstdint>
#include <span>
#include <vector>

#include "abi.h"
#include "data/ReaderTable.h"

namespace nncc::data {

// Both as of a ReaderEntry. They throw UserError naming the label file and the line of what is wrong: an image that
// is not there, a class that is not among `classes`, a box that reaches beyond its image, an image without a box
// or with several.
PartedDataset openLabelled(const ReaderInput &input, std::span<const NnccTensor> columns, int threads,
                           const ReadProgress &progress);
std::vector<int64_t> countLabelled(const ReaderInput &input);

}  // namespace nncc::data

#endif  // NNCC_DATA_LABELLEDIMAGES_H
