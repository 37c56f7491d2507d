//===- Json.h - the checked model for other tools --------------------------===//
#ifndef NNCC_FRONTEND_JSON_H
#define NNCC_FRONTEND_JSON_H

#include "frontend/Model.h"

namespace nncc::frontend {

// `module` is what the model became: shapes and weights come from there.
std::string writeJson(const Model &model, mlir::ModuleOp module);

} // namespace nncc::frontend

#endif // NNCC_FRONTEND_JSON_H
