// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %0 = nn.sparse_softmax_cross_entropy_bwd %arg0, %arg1, %arg2 : tensor<32x10xf32>, tensor<32xi32>, tensor<f32> -> tensor<32x10xf32>
func.func @plain(%arg0: tensor<32x10xf32>, %arg1: tensor<32xi32>, %arg2: tensor<f32>) -> tensor<32x10xf32> {
  %0 = nn.sparse_softmax_cross_entropy_bwd %arg0, %arg1, %arg2 : tensor<32x10xf32>, tensor<32xi32>, tensor<f32> -> tensor<32x10xf32>
  return %0 : tensor<32x10xf32>
}

// CHECK-LABEL: func.func @f64
// CHECK-NEXT:    %0 = nn.sparse_softmax_cross_entropy_bwd %arg0, %arg1, %arg2 : tensor<1x2xf64>, tensor<1xi32>, tensor<f64> -> tensor<1x2xf64>
func.func @f64(%arg0: tensor<1x2xf64>, %arg1: tensor<1xi32>, %arg2: tensor<f64>) -> tensor<1x2xf64> {
  %0 = nn.sparse_softmax_cross_entropy_bwd %arg0, %arg1, %arg2 : tensor<1x2xf64>, tensor<1xi32>, tensor<f64> -> tensor<1x2xf64>
  return %0 : tensor<1x2xf64>
}

// CHECK-LABEL: func.func @weighted
// CHECK-NEXT:    %0 = nn.sparse_softmax_cross_entropy_bwd %arg0, %arg1, %arg2 {class_weights = array<f64: 1.000000e+00, 2.500000e+00, 3.000000e+00>, label_smoothing = 1.000000e-01 : f64} : tensor<4x3xf32>, tensor<4xi32>, tensor<f32> -> tensor<4x3xf32>
func.func @weighted(%arg0: tensor<4x3xf32>, %arg1: tensor<4xi32>, %arg2: tensor<f32>) -> tensor<4x3xf32> {
  %0 = nn.sparse_softmax_cross_entropy_bwd %arg0, %arg1, %arg2 {class_weights = array<f64: 1.000000e+00, 2.500000e+00, 3.000000e+00>, label_smoothing = 1.000000e-01 : f64} : tensor<4x3xf32>, tensor<4xi32>, tensor<f32> -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}
