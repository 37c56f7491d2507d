// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @means
// CHECK-NEXT:    %0 = nn.rescale_windows %arg0, %arg1 {pad = 1 : i64, steps = 9 : i64, stride = 2 : i64, window = 3 : i64} : tensor<2x5x3xf32>, tensor<2xi32> -> tensor<2x5x3xf32>
func.func @means(%arg0: tensor<2x5x3xf32>, %arg1: tensor<2xi32>) -> tensor<2x5x3xf32> {
  %0 = nn.rescale_windows %arg0, %arg1 {pad = 1 : i64, steps = 9 : i64, stride = 2 : i64, window = 3 : i64} : tensor<2x5x3xf32>, tensor<2xi32> -> tensor<2x5x3xf32>
  return %0 : tensor<2x5x3xf32>
}
