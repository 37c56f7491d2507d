// nncc data pack: what a model's readers give, in one file that its trainer opens at once (data/Pack.h).
#ifndef NNCC_PREPARE_PACKDATA_H
#define NNCC_PREPARE_PACKDATA_H

#include <filesystem>

#include "prepare/Samples.h"

namespace nncc::prepare {

// Reads all parts as the training would and writes them to `out`, or to NAME.pack in the data folder where that is
// empty. Throws UserError where a training would end with one, or the file can't be written; an older one is whole
// then.
void packData(const Source &source, std::filesystem::path out);

}  // namespace nncc::prepare

#endif  // NNCC_PREPARE_PACKDATA_H
