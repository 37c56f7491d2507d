// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %0 = nn.argmax %arg0 : tensor<4x6xf32> -> tensor<4xi32>
func.func @plain(%arg0: tensor<4x6xf32>) -> tensor<4xi32> {
  %0 = nn.argmax %arg0 : tensor<4x6xf32> -> tensor<4xi32>
  return %0 : tensor<4xi32>
}

// CHECK-LABEL: func.func @f64
// CHECK-NEXT:    %0 = nn.argmax %arg0 : tensor<1x1xf64> -> tensor<1xi32>
func.func @f64(%arg0: tensor<1x1xf64>) -> tensor<1xi32> {
  %0 = nn.argmax %arg0 : tensor<1x1xf64> -> tensor<1xi32>
  return %0 : tensor<1xi32>
}
