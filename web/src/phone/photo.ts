// A photo for an event: made small, without what the camera notes beside it, under its digest.

import { store } from './db'
import { sha256 } from './sha256'
import type { Photo } from './store'

const SIDE_MAX = 1_600
const QUALITY = 0.82

export async function keepPhoto(file: Blob, user: string): Promise<Photo> {
  const picture = await createImageBitmap(file)
  const scale = Math.min(1, SIDE_MAX / Math.max(picture.width, picture.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(picture.width * scale))
  canvas.height = Math.max(1, Math.round(picture.height * scale))
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height)
  picture.close()
  const small = await new Promise<Blob | null>((resolve) =>
    canvas.toBlob(resolve, 'image/jpeg', QUALITY),
  )
  const data = await (small ?? file).arrayBuffer()
  const digest = await sha256(data)
  const photo: Photo = { sha256: digest, user, media_type: 'image/jpeg', data, is_sent: 0 }
  await store.photos.put(photo)
  return photo
}
