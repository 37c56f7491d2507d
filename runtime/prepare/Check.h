// nncc data check: reads a model's data as its training would, to the end whatever is wrong, and tells what
// would end the training and what would spoil it unseen.
#ifndef NNCC_PREPARE_CHECK_H
#define NNCC_PREPARE_CHECK_H

#include <filesystem>

#include "prepare/CheckReport.h"
#include "prepare/Samples.h"

namespace nncc::prepare {

// Looks at everything; prints nothing.
CheckReport checkSamples(const Samples &samples, int threads);

// Prints what was found, and writes the page unless its path is empty. True where a training could start.
// Throws UserError where the page can't be written, or the model has no data.
bool check(const Source &source, const std::filesystem::path &page);

}  // namespace nncc::prepare

#endif  // NNCC_PREPARE_CHECK_H
