// RUN: nncc-opt %s --split-input-file --verify-diagnostics

nn.program @type attributes {batch = 1 : i64, layers = [], train = {}, data = {}} {
  // expected-error@+1 {{statically shaped tensor of 32-bit float or 64-bit float values}}
  nn.parameter @w : tensor<3xi32> {initializer = {name = "zeros"}, fan_in = 1 : i64, fan_out = 1 : i64}
}

// -----

nn.program @dynamic attributes {batch = 1 : i64, layers = [], train = {}, data = {}} {
  // expected-error@+1 {{statically shaped tensor of 32-bit float or 64-bit float values}}
  nn.parameter @w : tensor<?xf32> {initializer = {name = "zeros"}, fan_in = 1 : i64, fan_out = 1 : i64}
}

// -----

nn.program @no_initializer attributes {batch = 1 : i64, layers = [], train = {}, data = {}} {
  // expected-error@+1 {{'nn.parameter' op requires attribute 'initializer'}}
  nn.parameter @w : tensor<3xf32> {fan_in = 1 : i64, fan_out = 1 : i64}
}

// -----

module {
  // expected-error@+1 {{'nn.parameter' op expects parent op 'nn.program'}}
  nn.parameter @w : tensor<3xf32> {initializer = {name = "zeros"}, fan_in = 1 : i64, fan_out = 1 : i64}
}
