// The picture of `features`: the input, and below it every layer's value.
#ifndef NNCC_CLI_FEATUREPICTURE_H
#define NNCC_CLI_FEATUREPICTURE_H

#include <cstdint>
#include <string>
#include <vector>

#include "report/Picture.h"

namespace nncc::cli {

// The value of a layer or input for one sample.
struct LayerValue {
  std::string name, kind;
  std::string from;  // its inputs, where they are not just what stands before it
  std::vector<int64_t> shape;
  std::vector<float> values;
};

// `input` holds bytes [H, W, C] with 1 or 3 channels or [H, W], and is drawn in its colours. Maps
// [H, W, C] become one tile a channel, each in greys from its own smallest to its own largest value;
// vectors become bars or, where they are long, strips. `classNames` are written under the last
// layer if it has as many values.
report::Picture featurePicture(const std::string &title, const LayerValue &input,
                               const std::vector<LayerValue> &layers,
                               const std::vector<std::string> &classNames);

}  // namespace nncc::cli

#endif  // NNCC_CLI_FEATUREPICTURE_H
