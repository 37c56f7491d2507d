//===- ModelReader.h - tree -> model ---------------------------------------===//
#ifndef NNCC_FRONTEND_MODELREADER_H
#define NNCC_FRONTEND_MODELREADER_H

#include "frontend/Diagnostics.h"
#include "frontend/Model.h"

namespace nncc::frontend {

// Reads all that can be read and reports every error on the way; after errors
// (`diagnostics.failed()`) the model's sound parts still serve to find more of them.
Model readModel(const Node &root, Diagnostics &diagnostics);

} // namespace nncc::frontend

#endif // NNCC_FRONTEND_MODELREADER_H
