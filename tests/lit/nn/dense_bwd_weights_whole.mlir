// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @steps
// CHECK-NEXT:    %0 = nn.dense_bwd_weights_whole %arg0, %arg1, %arg2 {rows = 4 : i64} : tensor<32x64xf32>, tensor<32x10xf32>, tensor<i32> -> tensor<64x10xf32>
func.func @steps(%arg0: tensor<32x64xf32>, %arg1: tensor<32x10xf32>, %arg2: tensor<i32>) -> tensor<64x10xf32> {
  %0 = nn.dense_bwd_weights_whole %arg0, %arg1, %arg2 {rows = 4 : i64} : tensor<32x64xf32>, tensor<32x10xf32>, tensor<i32> -> tensor<64x10xf32>
  return %0 : tensor<64x10xf32>
}
