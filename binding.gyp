{
  "variables": {
    # address,undefined | thread: set by scripts/build-native.mjs --sanitize
    "sanitize%": "<!(node -p \"process.env.TTRPC_SANITIZE || ''\")"
  },
  "targets": [{
    "target_name": "ttrpc",
    "sources": ["<!@(node -p \"require('fs').readFileSync('native/sources.txt', 'utf8').trim()\")"],
    "include_dirs": [
      "native",
      "<!(node -p \"require('node-addon-api').include_dir\")",
      "<!(node -p \"require('path').resolve(process.execPath, '../../include/node')\")"
    ],
    "defines": [
      "NAPI_VERSION=8",
      "NAPI_DISABLE_CPP_EXCEPTIONS",
      "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
      "NODE_API_NO_EXTERNAL_BUFFERS_ALLOWED"
    ],
    "cflags!": ["-O3"],
    "cflags_cc!": ["-O3", "-std=gnu++17", "-std=gnu++20"],
    "cflags": ["-O2", "-Wall", "-Wextra", "-Wno-unused-parameter"],
    "cflags_cc": [
      "-std=c++17", "-fno-exceptions", "-fno-rtti", "-fvisibility=hidden", "-fstack-protector-strong",
      "-ffunction-sections", "-fdata-sections"
    ],
    "conditions": [
      ["OS=='linux'", {
        "ldflags": [
          "-Wl,--version-script=<(module_root_dir)/native/exports.map", "-Wl,--gc-sections",
          # The code stays mapped when a worker unloads the addon; uv symbols are looked up when first used.
          "-Wl,-z,nodelete", "-Wl,-z,lazy"
        ]
      }],
      ["sanitize!=''", {
        "cflags": ["-fsanitize=<(sanitize)", "-fno-omit-frame-pointer", "-g", "-O1"],
        "ldflags": ["-fsanitize=<(sanitize)"]
      }]
    ]
  }]
}
