// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %0 = nn.weigh_samples_bwd %arg0, %arg1 : tensor<4xf64>, tensor<f64> -> tensor<4xf64>
func.func @plain(%arg0: tensor<4xf64>, %arg1: tensor<f64>) -> tensor<4xf64> {
  %0 = nn.weigh_samples_bwd %arg0, %arg1 : tensor<4xf64>, tensor<f64> -> tensor<4xf64>
  return %0 : tensor<4xf64>
}
