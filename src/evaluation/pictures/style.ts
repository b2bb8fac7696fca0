/** Style of what `picturesFor` gives, behind the one of all pages. */
export const PICTURES_STYLE = `
.pictures .card { margin-bottom: 14px; }
.pictures .strip, .pictures .near { display: grid; grid-template-columns: 120px minmax(0, 1fr); gap: 10px; align-items: center; margin: 4px 0; font-size: 12.5px; }
.pictures .strip > div { display: grid; grid-template-columns: repeat(8, minmax(0, 1fr)); gap: 4px; }
.pictures .near > div { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 8px; }
.pictures .strip img { width: 100%; aspect-ratio: 1; object-fit: cover; display: block; border-radius: 6px; }
.pictures img.patches { image-rendering: pixelated; }
.pictures .strip b, .pictures .near b { overflow: hidden; text-overflow: ellipsis; }
.pictures .beside { display: grid; grid-template-columns: 110px minmax(0, 1fr); gap: 18px; align-items: center; }
.pictures .mistakes { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr)); gap: 18px; }
.pictures .matrix text { font-size: 9px; fill: var(--soft); }
.pictures .matrix .right { fill: var(--good); }
.pictures .matrix .wrong { fill: var(--trained); }
.pictures .worst { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 10px; }
.pictures .worst figcaption { white-space: normal; }
.pictures .pic.wrong img { opacity: 1; }
.pictures .map path { stroke-width: 5; stroke-linecap: round; fill: none; opacity: .75; }
.pictures .legend { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 12.5px; margin-top: 10px; }
.pictures .legend i { display: inline-block; width: 10px; height: 10px; border-radius: 5px; margin-right: 6px; }
`;
