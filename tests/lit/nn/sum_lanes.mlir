// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @weights
// CHECK-NEXT:    %0 = nn.sum_lanes %arg0 : tensor<8x36928xf32> -> tensor<36928xf32>
func.func @weights(%arg0: tensor<8x36928xf32>) -> tensor<36928xf32> {
  %0 = nn.sum_lanes %arg0 : tensor<8x36928xf32> -> tensor<36928xf32>
  return %0 : tensor<36928xf32>
}

// CHECK-LABEL: func.func @one_lane
// CHECK-NEXT:    %0 = nn.sum_lanes %arg0 : tensor<1x3x3x3x32xf64> -> tensor<3x3x3x32xf64>
func.func @one_lane(%arg0: tensor<1x3x3x3x32xf64>) -> tensor<3x3x3x32xf64> {
  %0 = nn.sum_lanes %arg0 : tensor<1x3x3x3x32xf64> -> tensor<3x3x3x32xf64>
  return %0 : tensor<3x3x3x32xf64>
}
