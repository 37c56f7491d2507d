//===- Dialect.cpp - registration of the nn dialect ------------------------===//
#include "nn/Dialect.h"
#include "nn/ops/Metric.h"
#include "nn/ops/Recurrent.h"
#include "nn/ops/Sequence.h"

using namespace mlir;

#include "nn/NNDialect.cpp.inc"
#include "nn/NNInterfaces.cpp.inc"

#define GET_OP_CLASSES
#include "nn/NNOps.cpp.inc"
#define GET_OP_CLASSES
#include "nn/ops/Metric.cpp.inc"
#define GET_OP_CLASSES
#include "nn/ops/Recurrent.cpp.inc"
#define GET_OP_CLASSES
#include "nn/ops/Sequence.cpp.inc"

void nncc::nn::NNDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "nn/NNOps.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "nn/ops/Metric.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "nn/ops/Recurrent.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "nn/ops/Sequence.cpp.inc"
      >();
}
