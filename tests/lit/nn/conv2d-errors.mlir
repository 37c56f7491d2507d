// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @channels(%arg0: tensor<2x8x8x3xf32>, %arg1: tensor<3x3x5x4xf32>) {
  // expected-error@+2 {{weights want 5 input channels, src has 3}}
  // expected-error@+1 {{'nn.conv2d' op failed to infer returned types}}
  %0 = nn.conv2d %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x3xf32>, tensor<3x3x5x4xf32> -> tensor<2x6x6x4xf32>
  return
}

// -----

func.func @kernel_too_large(%arg0: tensor<2x4x4x3xf32>, %arg1: tensor<5x5x3x4xf32>) {
  // expected-error@+2 {{a kernel of 5x5 does not fit into 4x4}}
  // expected-error@+1 {{'nn.conv2d' op failed to infer returned types}}
  %0 = nn.conv2d %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x4x4x3xf32>, tensor<5x5x3x4xf32> -> tensor<2x1x1x4xf32>
  return
}

// -----

func.func @result_shape(%arg0: tensor<2x8x8x3xf32>, %arg1: tensor<3x3x3x4xf32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<2x6x6x4xf32>' are incompatible with return type(s) of operation 'tensor<2x6x7x4xf32>'}}
  // expected-error@+1 {{'nn.conv2d' op failed to infer returned types}}
  %0 = nn.conv2d %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x3xf32>, tensor<3x3x3x4xf32> -> tensor<2x6x7x4xf32>
  return
}

// -----

func.func @rank_of_src(%arg0: tensor<8x8x3xf32>, %arg1: tensor<3x3x3x4xf32>) {
  // expected-error@+2 {{src must be [N,H,W,ic], found 'tensor<8x8x3xf32>'}}
  // expected-error@+1 {{'nn.conv2d' op failed to infer returned types}}
  %0 = nn.conv2d %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<8x8x3xf32>, tensor<3x3x3x4xf32> -> tensor<2x6x6x4xf32>
  return
}

// -----

func.func @rank_of_weights(%arg0: tensor<2x8x8x3xf32>, %arg1: tensor<3x3x4xf32>) {
  // expected-error@+2 {{weights must be [kh,kw,ic,oc], found 'tensor<3x3x4xf32>'}}
  // expected-error@+1 {{'nn.conv2d' op failed to infer returned types}}
  %0 = nn.conv2d %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x3xf32>, tensor<3x3x4xf32> -> tensor<2x6x6x4xf32>
  return
}

// -----

func.func @bias_length(%arg0: tensor<2x8x8x3xf32>, %arg1: tensor<3x3x3x4xf32>, %arg2: tensor<3xf32>) {
  // expected-error@+2 {{bias must have one value for each of the 4 output channels, found 'tensor<3xf32>'}}
  // expected-error@+1 {{'nn.conv2d' op failed to infer returned types}}
  %0 = nn.conv2d %arg0, %arg1 bias %arg2 {pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x3xf32>, tensor<3x3x3x4xf32>, tensor<3xf32> -> tensor<2x6x6x4xf32>
  return
}

// -----

func.func @bias_type(%arg0: tensor<2x8x8x3xf32>, %arg1: tensor<3x3x3x4xf32>, %arg2: tensor<4xf64>) {
  // expected-error@+2 {{bias must have one value for each of the 4 output channels, found 'tensor<4xf64>'}}
  // expected-error@+1 {{'nn.conv2d' op failed to infer returned types}}
  %0 = nn.conv2d %arg0, %arg1 bias %arg2 {pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x3xf32>, tensor<3x3x3x4xf32>, tensor<4xf64> -> tensor<2x6x6x4xf32>
  return
}

// -----

func.func @strides(%arg0: tensor<2x8x8x3xf32>, %arg1: tensor<3x3x3x4xf32>) {
  // expected-error@+2 {{strides must be two positive numbers}}
  // expected-error@+1 {{'nn.conv2d' op failed to infer returned types}}
  %0 = nn.conv2d %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 0, 1>} : tensor<2x8x8x3xf32>, tensor<3x3x3x4xf32> -> tensor<2x6x6x4xf32>
  return
}

// -----

func.func @pads(%arg0: tensor<2x8x8x3xf32>, %arg1: tensor<3x3x3x4xf32>) {
  // expected-error@+2 {{pads must be four numbers that are not negative: top, left, bottom, right}}
  // expected-error@+1 {{'nn.conv2d' op failed to infer returned types}}
  %0 = nn.conv2d %arg0, %arg1 {pads = array<i64: 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x3xf32>, tensor<3x3x3x4xf32> -> tensor<2x6x6x4xf32>
  return
}

// -----

func.func @negative_pads(%arg0: tensor<2x8x8x3xf32>, %arg1: tensor<3x3x3x4xf32>) {
  // expected-error@+2 {{pads must be four numbers that are not negative}}
  // expected-error@+1 {{'nn.conv2d' op failed to infer returned types}}
  %0 = nn.conv2d %arg0, %arg1 {pads = array<i64: 0, 0, -1, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x3xf32>, tensor<3x3x3x4xf32> -> tensor<2x6x6x4xf32>
  return
}

// -----

func.func @element_types(%arg0: tensor<2x8x8x3xf32>, %arg1: tensor<3x3x3x4xf64>) {
  // expected-error@+1 {{'nn.conv2d' op failed to verify that all of {src, weights, dst} have same element type}}
  %0 = nn.conv2d %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x3xf32>, tensor<3x3x3x4xf64> -> tensor<2x6x6x4xf32>
  return
}

// -----

func.func @dynamic(%arg0: tensor<?x8x8x3xf32>, %arg1: tensor<3x3x3x4xf32>) {
  // expected-error@+1 {{operand #0 must be statically shaped tensor of 32-bit float or 64-bit float values}}
  %0 = nn.conv2d %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<?x8x8x3xf32>, tensor<3x3x3x4xf32> -> tensor<?x6x6x4xf32>
  return
}

// -----

func.func @half(%arg0: tensor<2x8x8x3xf16>, %arg1: tensor<3x3x3x4xf16>) {
  // expected-error@+1 {{operand #0 must be statically shaped tensor of 32-bit float or 64-bit float values}}
  %0 = nn.conv2d %arg0, %arg1 {pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x3xf16>, tensor<3x3x3x4xf16> -> tensor<2x6x6x4xf16>
  return
}

// -----

func.func @dilations(%arg0: tensor<2x8x8x3xf32>, %arg1: tensor<3x3x3x4xf32>) {
  // expected-error@+2 {{dilations must be two positive numbers}}
  // expected-error@+1 {{'nn.conv2d' op failed to infer returned types}}
  %0 = nn.conv2d %arg0, %arg1 {dilations = array<i64: 1, 0>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x3xf32>, tensor<3x3x3x4xf32> -> tensor<2x6x6x4xf32>
  return
}

// -----

func.func @dilated_kernel(%arg0: tensor<2x8x8x3xf32>, %arg1: tensor<3x3x3x4xf32>) {
  // expected-error@+2 {{a kernel of 3x3 does not fit into 8x8}}
  // expected-error@+1 {{'nn.conv2d' op failed to infer returned types}}
  %0 = nn.conv2d %arg0, %arg1 {dilations = array<i64: 4, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x3xf32>, tensor<3x3x3x4xf32> -> tensor<2x1x6x4xf32>
  return
}

// -----

func.func @group_count(%arg0: tensor<2x8x8x3xf32>, %arg1: tensor<3x3x3x4xf32>) {
  // expected-error@+2 {{groups must be a positive number, found 0}}
  // expected-error@+1 {{'nn.conv2d' op failed to infer returned types}}
  %0 = nn.conv2d %arg0, %arg1 {groups = 0 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x3xf32>, tensor<3x3x3x4xf32> -> tensor<2x6x6x4xf32>
  return
}

// -----

func.func @group_inputs(%arg0: tensor<2x8x8x3xf32>, %arg1: tensor<3x3x3x4xf32>) {
  // expected-error@+2 {{weights want 6 input channels, src has 3}}
  // expected-error@+1 {{'nn.conv2d' op failed to infer returned types}}
  %0 = nn.conv2d %arg0, %arg1 {groups = 2 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x3xf32>, tensor<3x3x3x4xf32> -> tensor<2x6x6x4xf32>
  return
}

// -----

func.func @group_outputs(%arg0: tensor<2x8x8x6xf32>, %arg1: tensor<3x3x2x4xf32>) {
  // expected-error@+2 {{4 output channels cannot be cut into 3 groups}}
  // expected-error@+1 {{'nn.conv2d' op failed to infer returned types}}
  %0 = nn.conv2d %arg0, %arg1 {groups = 3 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : tensor<2x8x8x6xf32>, tensor<3x3x2x4xf32> -> tensor<2x6x6x4xf32>
  return
}
