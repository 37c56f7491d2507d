// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @rows
// CHECK-NEXT:    %0 = nn.dropout %arg0 {rate = 2.500000e-01 : f64, stream = 7 : i64} : tensor<2x5xf32>
func.func @rows(%arg0: tensor<2x5xf32>) -> tensor<2x5xf32> {
  %0 = nn.dropout %arg0 {rate = 2.500000e-01 : f64, stream = 7 : i64} : tensor<2x5xf32>
  return %0 : tensor<2x5xf32>
}
