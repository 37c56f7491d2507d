// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @bias
// CHECK-NEXT:    %0 = nn.dense %arg0, %arg1 bias %arg2 : tensor<32x64xf32>, tensor<64x10xf32>, tensor<10xf32> -> tensor<32x10xf32>
func.func @bias(%arg0: tensor<32x64xf32>, %arg1: tensor<64x10xf32>, %arg2: tensor<10xf32>) -> tensor<32x10xf32> {
  %0 = nn.dense %arg0, %arg1 bias %arg2 : tensor<32x64xf32>, tensor<64x10xf32>, tensor<10xf32> -> tensor<32x10xf32>
  return %0 : tensor<32x10xf32>
}

// CHECK-LABEL: func.func @no_bias
// CHECK-NEXT:    %0 = nn.dense %arg0, %arg1 : tensor<1x3xf64>, tensor<3x5xf64> -> tensor<1x5xf64>
func.func @no_bias(%arg0: tensor<1x3xf64>, %arg1: tensor<3x5xf64>) -> tensor<1x5xf64> {
  %0 = nn.dense %arg0, %arg1 : tensor<1x3xf64>, tensor<3x5xf64> -> tensor<1x5xf64>
  return %0 : tensor<1x5xf64>
}
