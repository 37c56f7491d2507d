// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @mask
// CHECK-NEXT:    %0 = nn.dropout_mask %arg0 {rate = 2.500000e-01 : f64, stream = 7 : i64} : tensor<4x7x8xf32> -> tensor<4x8xf32>
func.func @mask(%arg0: tensor<4x7x8xf32>) {
  %0 = nn.dropout_mask %arg0 {rate = 2.500000e-01 : f64, stream = 7 : i64} : tensor<4x7x8xf32> -> tensor<4x8xf32>
  return
}
