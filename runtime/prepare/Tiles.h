// Samples as small pictures.
#ifndef NNCC_PREPARE_TILES_H
#define NNCC_PREPARE_TILES_H

#include <string>
#include <vector>

#include "abi.h"
#include "prepare/Samples.h"
#include "report/Picture.h"

namespace nncc::prepare {

// An image, or some frames of a clip side by side, or the curves of a sequence's features over its `steps` first
// steps. Images that are longer than `side` are made smaller, those that are shorter larger by a whole factor.
report::Picture tileOf(const NnccTensor &tensor, const std::byte *sample, int64_t steps, int side);

// Has a tensor such a picture? Rows of a table have none.
bool hasTile(const NnccTensor &tensor);

}  // namespace nncc::prepare

#endif  // NNCC_PREPARE_TILES_H
