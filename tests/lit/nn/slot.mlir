// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

nn.program @p attributes {batch = 1 : i64, layers = [], train = {}, data = {}} {
  // CHECK:      nn.slot @adam.m.dense.kernel : tensor<64x10xf32>
  // CHECK-NEXT: nn.slot @adam.v.dense.kernel : tensor<64x10xf64>
  nn.slot @adam.m.dense.kernel : tensor<64x10xf32>
  nn.slot @adam.v.dense.kernel : tensor<64x10xf64>
}
