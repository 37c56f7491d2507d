// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %0 = nn.dense_bwd_data %arg0, %arg1 : tensor<32x10xf32>, tensor<10x64xf32> -> tensor<32x64xf32>
func.func @plain(%arg0: tensor<32x10xf32>, %arg1: tensor<10x64xf32>) -> tensor<32x64xf32> {
  %0 = nn.dense_bwd_data %arg0, %arg1 : tensor<32x10xf32>, tensor<10x64xf32> -> tensor<32x64xf32>
  return %0 : tensor<32x64xf32>
}

// CHECK-LABEL: func.func @f64
// CHECK-NEXT:    %0 = nn.dense_bwd_data %arg0, %arg1 : tensor<1x5xf64>, tensor<5x3xf64> -> tensor<1x3xf64>
func.func @f64(%arg0: tensor<1x5xf64>, %arg1: tensor<5x3xf64>) -> tensor<1x3xf64> {
  %0 = nn.dense_bwd_data %arg0, %arg1 : tensor<1x5xf64>, tensor<5x3xf64> -> tensor<1x3xf64>
  return %0 : tensor<1x3xf64>
}
