# docker buildx bake: all images. For this machine alone: PLATFORMS=linux/amd64 docker buildx bake --load

# Goes before the images' names, such as registry.example.org/parceler.
variable "REGISTRY" {
  default = "parceler"
}

variable "VERSION" {
  default = "0.1.0"
}

variable "PLATFORMS" {
  default = "linux/amd64,linux/arm64"
}

# Where layers are kept between builds, such as registry.example.org/parceler/cache. Empty: nowhere.
variable "CACHE" {
  default = ""
}

variable "UID" {
  default = "10001"
}

variable "GID" {
  default = "10001"
}

group "default" {
  targets = ["production"]
}

group "production" {
  targets = ["api", "scheduler", "worker", "nginx"]
}

target "common" {
  platforms = split(",", PLATFORMS)
  args = {
    GID = GID
  }
  labels = {
    "org.opencontainers.image.version" = VERSION
  }
}

target "program" {
  inherits   = ["common"]
  context    = "."
  dockerfile = "docker/Dockerfile"
  args = {
    UID = UID
  }
}

target "api" {
  inherits   = ["program"]
  target     = "api"
  tags       = ["${REGISTRY}/api:${VERSION}"]
  cache-from = CACHE == "" ? [] : ["type=registry,ref=${CACHE}:api"]
  cache-to   = CACHE == "" ? [] : ["type=registry,ref=${CACHE}:api,mode=max"]
}

target "scheduler" {
  inherits   = ["program"]
  target     = "scheduler"
  tags       = ["${REGISTRY}/scheduler:${VERSION}"]
  cache-from = CACHE == "" ? [] : ["type=registry,ref=${CACHE}:scheduler"]
  cache-to   = CACHE == "" ? [] : ["type=registry,ref=${CACHE}:scheduler,mode=max"]
}

target "worker" {
  inherits   = ["program"]
  target     = "worker"
  tags       = ["${REGISTRY}/worker:${VERSION}"]
  cache-from = CACHE == "" ? [] : ["type=registry,ref=${CACHE}:worker"]
  cache-to   = CACHE == "" ? [] : ["type=registry,ref=${CACHE}:worker,mode=max"]
}

target "nginx" {
  inherits   = ["common"]
  context    = "docker/nginx"
  target     = "nginx"
  tags       = ["${REGISTRY}/nginx:${VERSION}"]
  cache-from = CACHE == "" ? [] : ["type=registry,ref=${CACHE}:nginx"]
  cache-to   = CACHE == "" ? [] : ["type=registry,ref=${CACHE}:nginx,mode=max"]
}
