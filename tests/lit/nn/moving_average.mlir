// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %0 = nn.moving_average %arg0, %arg1 {momentum = 5.000000e-01 : f64} : tensor<3xf32>
func.func @plain(%arg0: tensor<3xf32>, %arg1: tensor<3xf32>) -> tensor<3xf32> {
  %0 = nn.moving_average %arg0, %arg1 {momentum = 5.000000e-01 : f64} : tensor<3xf32>
  return %0 : tensor<3xf32>
}
