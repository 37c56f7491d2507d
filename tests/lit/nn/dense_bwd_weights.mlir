// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %diff_weights, %diff_bias = nn.dense_bwd_weights %arg0, %arg1 : tensor<32x64xf32>, tensor<32x10xf32> -> tensor<64x10xf32>, tensor<10xf32>
func.func @plain(%arg0: tensor<32x64xf32>, %arg1: tensor<32x10xf32>) -> (tensor<64x10xf32>, tensor<10xf32>) {
  %diff_weights, %diff_bias = nn.dense_bwd_weights %arg0, %arg1 : tensor<32x64xf32>, tensor<32x10xf32> -> tensor<64x10xf32>, tensor<10xf32>
  return %diff_weights, %diff_bias : tensor<64x10xf32>, tensor<10xf32>
}
