// Training samples varied: each a little different in every epoch.
//
// Images (u8 columns [H, W] or [H, W, C] with at most 4 channels) go through, in this order:
//   1. horizontal_flip, vertical_flip, then shift and crop_padding (by whole pixels: exact
//      copies), then rotation and zoom about the centre; all in one resampling. What is seen
//      beyond the edges is the image continued as fill_mode says.
//   2. contrast about each channel's mean, and brightness, rounded and cut off once
//   3. mixup: all columns blended with those of a partner, an image as it is after step 2 of
//      the same epoch; the share is a multiple of 1/256
//   4. cutout: a square around any pixel, set to each channel's mean
//
// Sequences (f32 inputs [steps, features]) go through time_stretch and rotation of their vectors in space
// (SequenceChange.h), then mixup. A stretched one has another length, in its column of lengths.
//
// Every number drawn is a function of the seed, the epoch, the sample's number in the data set and
// the operation (data/Random.h): neither batches nor threads matter, and switching one operation on
// changes no number of another.
#ifndef NNCC_DATA_AUGMENTATION_H
#define NNCC_DATA_AUGMENTATION_H

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "abi.h"
#include "data/Dataset.h"
#include "data/Resample.h"
#include "data/SequenceChange.h"

namespace nncc::data {

class Augmentation {
 public:
  // The options of a program's `augment` (kind null: none) for samples with these columns, of which those from
  // `firstTarget` on are targets. Throws UserError where they don't suit: mixup can't blend class numbers. `apart`: the
  // images or sequences of one sample are varied each on its own (pairs); else alike.
  Augmentation(const NnccComponent &augment, std::span<const NnccTensor> columns, size_t firstTarget,
               bool apart = false);

  // True if samples stay as they are.
  bool empty() const { return !places && !turns && !tones && timeStretch == 0 && mixup == 0 && cutout == 0; }

  // Does it show things elsewhere in the image, or two images as one?
  bool moves() const { return places || turns || mixup > 0; }

  // Writes sample `index` of `dataset` as it is in epoch `epoch`. `scratch` has scratchBytes().
  void apply(const Dataset &dataset, uint64_t seed, int64_t epoch, int64_t index,
             std::span<void *const> columns, std::span<std::byte> scratch) const;
  int64_t scratchBytes() const;

  // apply() for BatchOptions::transform; each copy has a scratch of its own. This and the data set
  // must outlive it.
  std::function<void(int64_t, int64_t, std::span<void *const>)> transform(const Dataset &dataset,
                                                                          uint64_t seed) const;

 private:
  struct Column {
    // Pixels: u8, but no image. Lengths: of the sequence before it, which is written with that.
    enum Kind { Image, Pixels, Sequence, Lengths, Numbers, Labels } kind;
    ImageShape shape;        // Image
    SequenceShape sequence;  // Sequence
    int64_t elements;
    bool varies() const { return kind == Image || kind == Sequence; }
  };
  struct Variation;

  void requireSequence(const NnccTensor &tensor, const SequenceShape &shape, bool hasLengths) const;
  Variation draw(uint64_t seed, int64_t epoch, int64_t index) const;
  void varyImage(const Column &column, const Variation &variation, const std::byte *from,
                 uint8_t *to) const;
  // Of this column and sample; the length that it has then.
  int64_t varySequence(const Dataset &dataset, size_t column, const Variation &variation, int64_t index,
                       float *to) const;
  void changeTones(const ImageShape &shape, const Variation &variation, uint8_t *image) const;
  void cutOut(const ImageShape &shape, const Variation &variation, uint8_t *image) const;

  std::vector<Column> columns;
  bool apart;
  double horizontalFlip = 0, verticalFlip = 0;
  double shiftHeight = 0, shiftWidth = 0;
  int32_t cropPadding = 0;
  double rotation = 0, zoom = 0;
  Fill fill;
  double contrast = 0, brightness = 0;
  double mixup = 0;
  int32_t cutout = 0;
  double timeStretch = 0;
  bool places = false, turns = false, tones = false;  // is there such an operation?
};

// From Beta(alpha, alpha), of the numbers `position` (even) to position + 255 of a stream.
class Random;
double betaDraw(double alpha, const Random &random, uint64_t position);

}  // namespace nncc::data

#endif  // NNCC_DATA_AUGMENTATION_H
