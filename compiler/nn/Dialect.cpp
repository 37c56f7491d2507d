//===- Dialect.cpp - registration of the nn dialect ------------------------===//
#include "nn/Dialect.h"

using namespace mlir;

#include "nn/NNDialect.cpp.inc"
#include "nn/NNInterfaces.cpp.inc"

#define GET_OP_CLASSES
#include "nn/NNOps.cpp.inc"

void nncc::nn::NNDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "nn/NNOps.cpp.inc"
      >();
}
