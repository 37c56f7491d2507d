// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @windows
// CHECK-NEXT:    %0 = nn.scale_lengths %arg0 {add = -1 : i64, divide = 2 : i64, multiply = 1 : i64} : tensor<4xi32> -> tensor<4xi32>
func.func @windows(%arg0: tensor<4xi32>) -> tensor<4xi32> {
  %0 = nn.scale_lengths %arg0 {add = -1 : i64, divide = 2 : i64, multiply = 1 : i64} : tensor<4xi32> -> tensor<4xi32>
  return %0 : tensor<4xi32>
}
